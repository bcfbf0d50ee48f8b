<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>AdapterRow</name>
    <message>
        <source>on %1</source>
        <translation>auf %1</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
</context>
<context>
    <name>AdapterSheet</name>
    <message>
        <source>Measuring…</source>
        <translation>Wird gemessen…</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Learnt on</source>
        <translation>Gelernt auf</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>Loss on text held back</source>
        <translation>Verlust auf zurückgehaltenem Text</translation>
    </message>
    <message>
        <source>%1 before, %2 with it</source>
        <translation>%1 vorher, %2 damit</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Train now</source>
        <translation>Jetzt trainieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Export for other programs</source>
        <translation>Für andere Programme exportieren</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>Choose it in Chat to talk with it. An exported file is no longer sealed: whoever has it can learn things from your text.</source>
        <translation>Wählen Sie es im Chat, um mit ihm zu sprechen. Eine exportierte Datei ist nicht mehr versiegelt: Wer sie hat, kann etwas über Ihren Text erfahren.</translation>
    </message>
    <message>
        <source>What it has learnt is deleted for good. Your text and the model it stands on stay.</source>
        <translation>Was es gelernt hat, wird endgültig gelöscht. Ihr Text und das Modell, auf dem es steht, bleiben.</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Remove now</source>
        <translation>Jetzt entfernen</translation>
    </message>
</context>
<context>
    <name>AdaptersCard</name>
    <message>
        <source>Models of your own</source>
        <translation>Eigene Modelle</translation>
    </message>
    <message>
        <source>They learnt from your text, are sealed with your key, and stay here.</source>
        <translation>Sie haben aus Ihrem Text gelernt, sind mit Ihrem Schlüssel versiegelt und bleiben hier.</translation>
    </message>
    <message>
        <source>A chat model that knows your text. It learns on this computer and never leaves it.</source>
        <translation>Ein Chatmodell, das Ihren Text kennt. Es lernt auf diesem Computer und verlässt ihn nie.</translation>
    </message>
    <message>
        <source>Train one…</source>
        <translation>Eines trainieren …</translation>
    </message>
</context>
<context>
    <name>ApiSettings</name>
    <message>
        <source>Other programs</source>
        <translation>Andere Programme</translation>
    </message>
    <message>
        <source>Let programs of this computer use the models</source>
        <translation>Programme dieses Computers dürfen die Modelle nutzen</translation>
    </message>
    <message>
        <source>They speak to Loam as to OpenAI&apos;s service, at 127.0.0.1 and with a key. Nothing is open to the network.</source>
        <translation>Sie sprechen mit Loam wie mit dem Dienst von OpenAI, unter 127.0.0.1 und mit einem Schlüssel. Zum Netz hin ist nichts offen.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>The base URL that such programs ask for</source>
        <translation>Die Basis-URL, nach der solche Programme fragen</translation>
    </message>
    <message>
        <source>the address</source>
        <translation>die Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Copy it now: it is not kept and cannot be shown again.</source>
        <translation>Jetzt kopieren: Er wird nicht aufbewahrt und lässt sich nicht noch einmal zeigen.</translation>
    </message>
    <message>
        <source>Loam keeps only a fingerprint of it. A new key replaces the old one at once.</source>
        <translation>Loam bewahrt nur einen Fingerabdruck davon. Ein neuer Schlüssel ersetzt den alten sofort.</translation>
    </message>
    <message>
        <source>the key</source>
        <translation>den Schlüssel</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Verbergen</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Neuer Schlüssel</translation>
    </message>
</context>
<context>
    <name>AuditPage</name>
    <message>
        <source>Audit log</source>
        <translation>Prüfprotokoll</translation>
    </message>
    <message>
        <source>Every transaction and every decision, in the order in which they became final</source>
        <translation>Jede Transaktion und jede Entscheidung, in der Reihenfolge, in der sie endgültig wurde</translation>
    </message>
    <message>
        <source>The log does not continue what was seen before. Do not trust new entries; ask the people who run the validators.</source>
        <translation>Das Protokoll setzt nicht fort, was vorher zu sehen war. Trauen Sie neuen Einträgen nicht und fragen Sie die Betreiber der Validatoren.</translation>
    </message>
    <message>
        <source>Search the log</source>
        <translation>Protokoll durchsuchen</translation>
    </message>
    <message>
        <source>Search: kind, node, text</source>
        <translation>Suche: Art, Knoten, Text</translation>
    </message>
    <message>
        <source>%1 entries</source>
        <translation>%1 Einträge</translation>
    </message>
    <message>
        <source>%1 of %2 entries</source>
        <translation>%1 von %2 Einträgen</translation>
    </message>
    <message numerus="yes">
        <source>Signed by %n validator(s)</source>
        <translation>
            <numerusform>Von %n Validator unterschrieben</numerusform>
            <numerusform>Von %n Validatoren unterschrieben</numerusform>
        </translation>
    </message>
    <message>
        <source>Inconsistent</source>
        <translation>Widersprüchlich</translation>
    </message>
    <message>
        <source>audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Eintrag</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>The log is empty</source>
        <translation>Das Protokoll ist leer</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Once this computer is part of a network, each of its transactions and decisions appears here.</source>
        <translation>Sobald dieser Computer zu einem Netz gehört, erscheint hier jede Transaktion und jede Entscheidung.</translation>
    </message>
    <message>
        <source>No entry contains “%1”.</source>
        <translation>Kein Eintrag enthält „%1“.</translation>
    </message>
</context>
<context>
    <name>AuditRow</name>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
</context>
<context>
    <name>AuditSheet</name>
    <message>
        <source>Entry</source>
        <translation>Eintrag</translation>
    </message>
    <message>
        <source>Verifying computes the root of the whole log from this entry alone and compares it with the one the validators signed.</source>
        <translation>Beim Prüfen wird allein aus diesem Eintrag die Wurzel des ganzen Protokolls berechnet und mit der verglichen, die die Validatoren unterschrieben haben.</translation>
    </message>
    <message>
        <source>Working…</source>
        <translation>Arbeitet …</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Export proof</source>
        <translation>Beweis speichern</translation>
    </message>
    <message>
        <source>Verified: this entry is in the log.</source>
        <translation>Geprüft: Der Eintrag steht im Protokoll.</translation>
    </message>
    <message>
        <source>Refuted: the proof does not lead to the signed root.</source>
        <translation>Widerlegt: Der Beweis führt nicht zur unterschriebenen Wurzel.</translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation>Blatt</translation>
    </message>
    <message numerus="yes">
        <source>Hashes on the way (%n)</source>
        <translation>
            <numerusform>Hash auf dem Weg (%n)</numerusform>
            <numerusform>Hashes auf dem Weg (%n)</numerusform>
        </translation>
    </message>
    <message>
        <source>Root of %1 entries</source>
        <translation>Wurzel von %1 Einträgen</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>Unterschrieben von</translation>
    </message>
    <message>
        <source>Verified in this computer&apos;s own copy; no quorum of validators has signed it yet.</source>
        <translation>Geprüft am eigenen Protokoll dieses Computers; noch hat es kein Quorum der Validatoren unterschrieben.</translation>
    </message>
</context>
<context>
    <name>BudgetCard</name>
    <message>
        <source>Privacy cost</source>
        <translation>Privatheitskosten</translation>
    </message>
    <message>
        <source>ε %1 of %2, for the source that cost most. The lower ε is, the less anybody could learn about you.</source>
        <translation>ε %1 von %2, für die Quelle mit den höchsten Kosten. Je kleiner ε ist, desto weniger könnte jemand über Sie erfahren.</translation>
    </message>
    <message>
        <source>Privacy spent</source>
        <translation>Verbrauchte Privatheit</translation>
    </message>
</context>
<context>
    <name>ChatComposer</name>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Nachricht schreiben</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>Antwort anhalten</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
</context>
<context>
    <name>ChatList</name>
    <message>
        <source>Search conversations</source>
        <translation>Gespräche durchsuchen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>Conversations appear here. They stay on this computer.</source>
        <translation>Hier erscheinen die Gespräche. Sie bleiben auf diesem Computer.</translation>
    </message>
    <message>
        <source>No conversation contains “%1”.</source>
        <translation>Kein Gespräch enthält „%1“.</translation>
    </message>
</context>
<context>
    <name>ChatListRow</name>
    <message>
        <source>Delete the conversation “%1”</source>
        <translation>Gespräch „%1“ löschen</translation>
    </message>
</context>
<context>
    <name>ChatMessage</name>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 Token/s</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Liest …</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>the limit of length was reached</source>
        <translation>die größte Länge wurde erreicht</translation>
    </message>
    <message>
        <source>You wrote: %1</source>
        <translation>Sie schrieben: %1</translation>
    </message>
    <message>
        <source>Answer: %1</source>
        <translation>Antwort: %1</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Noch einmal antworten</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Computed on this computer. Nothing you write leaves it.</source>
        <translation>Auf diesem Computer gerechnet. Nichts, was Sie schreiben, verlässt ihn.</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neues Gespräch</translation>
    </message>
    <message>
        <source>Import a model to chat with</source>
        <translation>Ein Modell importieren und damit sprechen</translation>
    </message>
    <message>
        <source>Any open model in a GGUF file, or a folder with safetensors. It then works here, offline and for good.</source>
        <translation>Jedes offene Modell in einer GGUF-Datei oder ein Ordner mit Safetensors. Danach läuft es hier, offline und auf Dauer.</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Modell wählen …</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Ask something</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>The model reads this conversation and nothing else.</source>
        <translation>Das Modell liest dieses Gespräch und sonst nichts.</translation>
    </message>
    <message>
        <source>There is no model on this computer now. Import one to go on.</source>
        <translation>Auf diesem Computer ist gerade kein Modell. Importieren Sie eines, um fortzufahren.</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ConsentCards</name>
    <message>
        <source>Consents</source>
        <translation>Einwilligungen</translation>
    </message>
    <message>
        <source>Each is signed, ends by itself, and stops at once when you end it.</source>
        <translation>Jede ist signiert, endet von selbst und wirkt sofort nicht mehr, wenn Sie sie beenden.</translation>
    </message>
    <message>
        <source>You have not allowed anything yet.</source>
        <translation>Sie haben noch nichts erlaubt.</translation>
    </message>
    <message>
        <source>Give consent…</source>
        <translation>Einwilligen…</translation>
    </message>
    <message>
        <source>Your limits</source>
        <translation>Ihre Grenzen</translation>
    </message>
    <message>
        <source>A model of your own, at home</source>
        <translation>Ein eigenes Modell, zu Hause</translation>
    </message>
    <message>
        <source>Nothing leaves this computer.</source>
        <translation>Nichts verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>Shared, private training</source>
        <translation>Gemeinsames, privates Training</translation>
    </message>
    <message>
        <source>Switching it off ends every such use before its next step. No run can change this.</source>
        <translation>Ausschalten beendet jede solche Nutzung vor ihrem nächsten Schritt. Kein Lauf kann das ändern.</translation>
    </message>
    <message>
        <source>What was used, and when</source>
        <translation>Was wann genutzt wurde</translation>
    </message>
    <message>
        <source>Your own log, kept on this computer. Entries are chained, so that a changed one is noticed.</source>
        <translation>Ihr eigenes Protokoll auf diesem Computer. Die Einträge sind verkettet; ein veränderter fällt auf.</translation>
    </message>
</context>
<context>
    <name>ConsentQuestion</name>
    <message>
        <source>May your text take part in shared, private training?</source>
        <translation>Darf Ihr Text am gemeinsamen, privaten Training teilnehmen?</translation>
    </message>
    <message>
        <source>May a model on this computer learn from your text?</source>
        <translation>Darf ein Modell auf diesem Computer aus Ihrem Text lernen?</translation>
    </message>
    <message>
        <source>&lt;b&gt;An encrypted, noisy sum leaves this computer; your text never does.&lt;/b&gt; You still allow each run by itself, see what it costs in privacy, and can end it at any time.</source>
        <translation>&lt;b&gt;Eine verschlüsselte, verrauschte Summe verlässt diesen Computer, Ihr Text nie.&lt;/b&gt; Sie erlauben trotzdem jeden Lauf einzeln, sehen, was er an Privatheit kostet, und können ihn jederzeit beenden.</translation>
    </message>
    <message>
        <source>&lt;b&gt;Nothing leaves this computer.&lt;/b&gt; You choose which folders, see every line that would be used, and can end it at any time.</source>
        <translation>&lt;b&gt;Nichts verlässt diesen Computer.&lt;/b&gt; Sie wählen die Ordner, sehen jede Zeile, die genutzt würde, und können es jederzeit beenden.</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>You can change your mind here at any time.</source>
        <translation>Sie können Ihre Meinung hier jederzeit ändern.</translation>
    </message>
</context>
<context>
    <name>ContributionSwitch</name>
    <message>
        <source>Nothing of this computer is used</source>
        <translation>Von diesem Computer wird nichts genutzt</translation>
    </message>
    <message>
        <source>Contribute</source>
        <translation>Beitragen</translation>
    </message>
    <message>
        <source>Stop contributing</source>
        <translation>Nicht mehr beitragen</translation>
    </message>
    <message>
        <source>Start contributing: this computer works when you do not need it</source>
        <translation>Beitragen: Dieser Computer arbeitet, wenn Sie ihn nicht brauchen</translation>
    </message>
</context>
<context>
    <name>CopyId</name>
    <message>
        <source>Copy %1: %2</source>
        <translation>%1 kopieren: %2</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>My data</source>
        <translation>Meine Daten</translation>
    </message>
    <message numerus="yes">
        <source>%n consent(s) in force. You can end each at any time.</source>
        <translation>
            <numerusform>%n Einwilligung in Kraft. Sie können sie jederzeit beenden.</numerusform>
            <numerusform>%n Einwilligungen in Kraft. Sie können jede jederzeit beenden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing of yours is used.</source>
        <translation>Nichts von Ihnen wird genutzt.</translation>
    </message>
    <message>
        <source>Receipts</source>
        <translation>Belege</translation>
    </message>
    <message>
        <source>Export receipts of consent</source>
        <translation>Belege der Einwilligungen exportieren</translation>
    </message>
    <message>
        <source>Add folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>%1 still to be read, a little at a time</source>
        <translation>%1 noch zu lesen, nach und nach</translation>
    </message>
    <message>
        <source>All read</source>
        <translation>Alle gelesen</translation>
    </message>
    <message>
        <source>Readable files in your sources. Reading is throttled, so that you never notice it.</source>
        <translation>Lesbare Dateien in Ihren Quellen. Gelesen wird so langsam, dass Sie es nicht merken.</translation>
    </message>
    <message>
        <source>Usable text</source>
        <translation>Nutzbarer Text</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>About three quarters of a word each</source>
        <translation>Je etwa drei Viertel eines Wortes</translation>
    </message>
    <message>
        <source>What is left after redaction and after poor text is left out.</source>
        <translation>Was nach dem Schwärzen und ohne schlechten Text übrig bleibt.</translation>
    </message>
    <message>
        <source>Taken out</source>
        <translation>Geschwärzt</translation>
    </message>
    <message>
        <source>Addresses, numbers, passwords, keys</source>
        <translation>Adressen, Nummern, Passwörter, Schlüssel</translation>
    </message>
    <message>
        <source>Passages that are never used, whatever you allow.</source>
        <translation>Stellen, die nie genutzt werden, was immer Sie erlauben.</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>No text of yours yet</source>
        <translation>Noch kein Text von Ihnen</translation>
    </message>
    <message>
        <source>Add or drop a folder of notes, documents or mail. You see every line that would be used before anything is.</source>
        <translation>Fügen Sie einen Ordner mit Notizen, Dokumenten oder Mails hinzu oder ziehen Sie ihn hierher. Sie sehen jede Zeile, bevor etwas genutzt wird.</translation>
    </message>
    <message>
        <source>Add a folder of your own text</source>
        <translation>Einen Ordner mit eigenem Text hinzufügen</translation>
    </message>
</context>
<context>
    <name>EntryChoices</name>
    <message>
        <source>Practice on this computer</source>
        <translation>Auf diesem Computer üben</translation>
    </message>
    <message>
        <source>Four small nodes train a model together, here, in a few minutes. Nothing leaves the machine.</source>
        <translation>Vier kleine Knoten trainieren gemeinsam ein Modell, hier, in wenigen Minuten. Nichts verlässt den Rechner.</translation>
    </message>
    <message>
        <source>Join a network</source>
        <translation>Einem Netz beitreten</translation>
    </message>
    <message>
        <source>Someone has sent you an invitation, as a text or a QR code.</source>
        <translation>Jemand hat Ihnen eine Einladung geschickt, als Text oder QR-Code.</translation>
    </message>
    <message>
        <source>Create a network</source>
        <translation>Ein Netz gründen</translation>
    </message>
    <message>
        <source>Found one for friends, a club or a company and invite others to it.</source>
        <translation>Gründen Sie eines für Freunde, einen Verein oder eine Firma und laden Sie andere ein.</translation>
    </message>
</context>
<context>
    <name>EntrySheet</name>
    <message>
        <source>Create a network</source>
        <translation>Ein Netz gründen</translation>
    </message>
    <message>
        <source>Join a network</source>
        <translation>Einem Netz beitreten</translation>
    </message>
    <message>
        <source>This computer becomes the first validator. Afterwards you can invite others; there is no central server.</source>
        <translation>Dieser Computer wird der erste Validator. Danach können Sie andere einladen; einen zentralen Server gibt es nicht.</translation>
    </message>
    <message>
        <source>Paste the invitation you received. It begins with loam:join.</source>
        <translation>Fügen Sie die Einladung ein, die Sie erhalten haben. Sie beginnt mit loam:join.</translation>
    </message>
    <message>
        <source>Name of the network</source>
        <translation>Name des Netzes</translation>
    </message>
    <message>
        <source>For example: Riverside club</source>
        <translation>Zum Beispiel: Uferverein</translation>
    </message>
    <message>
        <source>Invitation</source>
        <translation>Einladung</translation>
    </message>
    <message>
        <source>Creating…</source>
        <translation>Wird gegründet …</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>Gründen</translation>
    </message>
    <message>
        <source>Joining…</source>
        <translation>Tritt bei …</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Beitreten</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>Joining shares no files of yours. Contribution stays off until you switch it on.</source>
        <translation>Der Beitritt gibt keine Ihrer Dateien preis. Ihr Beitrag bleibt aus, bis Sie ihn einschalten.</translation>
    </message>
</context>
<context>
    <name>FileRow</name>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>%1 tokens, not seen yet</source>
        <translation>%1 Tokens, noch nicht angesehen</translation>
    </message>
    <message>
        <source>Not read yet</source>
        <translation>Noch nicht gelesen</translation>
    </message>
</context>
<context>
    <name>FilesSheet</name>
    <message>
        <source>Search files</source>
        <translation>Dateien suchen</translation>
    </message>
    <message>
        <source>%1 of %2 files shown; search for others.</source>
        <translation>%1 von %2 Dateien gezeigt; suchen Sie nach anderen.</translation>
    </message>
    <message>
        <source>No readable files yet</source>
        <translation>Noch keine lesbaren Dateien</translation>
    </message>
    <message>
        <source>Text, Markdown, code, HTML, PDF, ODF, DOCX, EPUB and mail appear here once they have been read.</source>
        <translation>Text, Markdown, Quelltext, HTML, PDF, ODF, DOCX, EPUB und Mails erscheinen hier, sobald sie gelesen sind.</translation>
    </message>
    <message>
        <source>Remove this source…</source>
        <translation>Diese Quelle entfernen…</translation>
    </message>
    <message>
        <source>Every consent that names it ends now. What was used of it stays in your log; your files stay where they are.</source>
        <translation>Jede Einwilligung, die sie nennt, endet jetzt. Was genutzt wurde, bleibt in Ihrem Protokoll; Ihre Dateien bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message>
        <source>Working</source>
        <translation>Arbeitet</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Trouble</source>
        <translation>Störung</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Reward</source>
        <translation>Belohnung</translation>
    </message>
    <message>
        <source>Vested</source>
        <translation>Freigegeben</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Überweisung</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Empfangen</translation>
    </message>
    <message>
        <source>Penalty</source>
        <translation>Strafe</translation>
    </message>
    <message>
        <source>Update accepted</source>
        <translation>Update angenommen</translation>
    </message>
    <message>
        <source>Update refused</source>
        <translation>Update abgelehnt</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Modellstand</translation>
    </message>
    <message>
        <source>Run opened</source>
        <translation>Lauf eröffnet</translation>
    </message>
    <message>
        <source>Update submitted</source>
        <translation>Update eingereicht</translation>
    </message>
    <message>
        <source>Round closed</source>
        <translation>Runde beendet</translation>
    </message>
    <message>
        <source>Round void</source>
        <translation>Runde ungültig</translation>
    </message>
    <message>
        <source>Network founded</source>
        <translation>Netz gegründet</translation>
    </message>
    <message>
        <source>Validator</source>
        <translation>Validator</translation>
    </message>
    <message>
        <source>Honest</source>
        <translation>Ehrlich</translation>
    </message>
    <message>
        <source>Bad actor</source>
        <translation>Betrüger</translation>
    </message>
    <message>
        <source>Founding the network</source>
        <translation>Das Netz wird gegründet</translation>
    </message>
    <message>
        <source>Starting the nodes</source>
        <translation>Die Knoten starten</translation>
    </message>
    <message>
        <source>You are using the computer</source>
        <translation>Sie benutzen den Computer</translation>
    </message>
    <message>
        <source>On battery</source>
        <translation>Läuft auf Akku</translation>
    </message>
    <message>
        <source>Metered connection</source>
        <translation>Getaktete Verbindung</translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation>Von Ihnen angehalten</translation>
    </message>
    <message>
        <source>No network joined yet</source>
        <translation>Noch keinem Netz beigetreten</translation>
    </message>
    <message>
        <source>No run is open</source>
        <translation>Kein Lauf ist offen</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 d %2 h</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>%1 min ago</source>
        <translation>vor %1 min</translation>
    </message>
    <message>
        <source>%1 h ago</source>
        <translation>vor %1 h</translation>
    </message>
    <message>
        <source>%1. Resumes at %2</source>
        <extracomment>%1 is a sentence that says why the work waits, %2 a time of day</extracomment>
        <translation>%1. Weiter um %2</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>vor %n Tag</numerusform>
            <numerusform>vor %n Tagen</numerusform>
        </translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Bonded</source>
        <translation>Hinterlegt</translation>
    </message>
    <message>
        <source>Bond released</source>
        <translation>Hinterlegung frei</translation>
    </message>
    <message>
        <source>Node registered</source>
        <translation>Knoten angemeldet</translation>
    </message>
    <message>
        <source>Run joined</source>
        <translation>Lauf beigetreten</translation>
    </message>
    <message>
        <source>Run left</source>
        <translation>Lauf verlassen</translation>
    </message>
    <message>
        <source>Run ended</source>
        <translation>Lauf beendet</translation>
    </message>
    <message>
        <source>Round opened</source>
        <translation>Runde eröffnet</translation>
    </message>
    <message>
        <source>Reward vested</source>
        <translation>Belohnung frei</translation>
    </message>
    <message>
        <source>Fees collected</source>
        <translation>Gebühren verteilt</translation>
    </message>
    <message>
        <source>Fee</source>
        <translation>Gebühr</translation>
    </message>
    <message>
        <source>First balance</source>
        <translation>Anfangsguthaben</translation>
    </message>
    <message>
        <source>Transaction</source>
        <translation>Transaktion</translation>
    </message>
    <message>
        <source>Hash</source>
        <translation>Hash</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>Loss before</source>
        <translation>Verlust davor</translation>
    </message>
    <message>
        <source>Loss afterwards</source>
        <translation>Verlust danach</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Gathering texts</source>
        <translation>Texte werden gesammelt</translation>
    </message>
    <message>
        <source>Making the vocabulary and the first model</source>
        <translation>Wortschatz und erstes Modell entstehen</translation>
    </message>
    <message>
        <source>Training together</source>
        <translation>Gemeinsames Training</translation>
    </message>
    <message>
        <source>Comparing the nodes</source>
        <translation>Die Knoten werden verglichen</translation>
    </message>
    <message>
        <source>Stopping and cleaning up</source>
        <translation>Wird beendet und aufgeräumt</translation>
    </message>
    <message>
        <source>The wallet is locked</source>
        <translation>Die Geldbörse ist gesperrt</translation>
    </message>
    <message>
        <source>The processor is hot</source>
        <translation>Der Prozessor ist heiß</translation>
    </message>
    <message>
        <source>Training with the network</source>
        <translation>Training mit dem Netz</translation>
    </message>
    <message>
        <source>Everything in order</source>
        <translation>Alles in Ordnung</translation>
    </message>
    <message>
        <source>Too few updates arrived in time</source>
        <translation>Zu wenige Updates kamen rechtzeitig</translation>
    </message>
    <message>
        <source>No update could be accepted</source>
        <translation>Kein Update war annehmbar</translation>
    </message>
    <message>
        <source>Voted twice for the same block</source>
        <translation>Stimmte zweimal über denselben Block ab</translation>
    </message>
    <message>
        <source>No update arrived</source>
        <translation>Es kam kein Update</translation>
    </message>
    <message>
        <source>The update is not the one announced</source>
        <translation>Das Update ist nicht das angekündigte</translation>
    </message>
    <message>
        <source>The update is empty</source>
        <translation>Das Update ist leer</translation>
    </message>
    <message>
        <source>A second update of the same node</source>
        <translation>Ein zweites Update desselben Knotens</translation>
    </message>
    <message>
        <source>Parts of earlier rewards that were due</source>
        <translation>Fällige Teile früherer Belohnungen</translation>
    </message>
    <message>
        <source>First balance, set by the founder</source>
        <translation>Anfangsguthaben, vom Gründer festgelegt</translation>
    </message>
    <message>
        <source>Nothing of this computer is used</source>
        <translation>Von diesem Computer wird nichts genutzt</translation>
    </message>
    <message>
        <source>Stopped by you</source>
        <translation>Von Ihnen angehalten</translation>
    </message>
    <message>
        <source>You ended the consent</source>
        <translation>Sie haben die Einwilligung beendet</translation>
    </message>
    <message>
        <source>The consent has ended</source>
        <translation>Die Einwilligung ist abgelaufen</translation>
    </message>
    <message>
        <source>You removed a source of it</source>
        <translation>Sie haben eine Quelle davon entfernt</translation>
    </message>
    <message>
        <source>You have switched this kind of use off</source>
        <translation>Sie haben diese Nutzung ausgeschaltet</translation>
    </message>
</context>
<context>
    <name>GrantRow</name>
    <message>
        <source>%1 files</source>
        <translation>%1 Dateien</translation>
    </message>
    <message>
        <source>until %1</source>
        <translation>bis %1</translation>
    </message>
    <message>
        <source>End it</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>End this consent</source>
        <translation>Diese Einwilligung beenden</translation>
    </message>
</context>
<context>
    <name>GrantSheet</name>
    <message>
        <source>Give consent</source>
        <translation>Einwilligen</translation>
    </message>
    <message>
        <source>Purpose</source>
        <translation>Zweck</translation>
    </message>
    <message>
        <source>At home</source>
        <translation>Zu Hause</translation>
    </message>
    <message>
        <source>Shared</source>
        <translation>Gemeinsam</translation>
    </message>
    <message>
        <source>&lt;b&gt;An encrypted, noisy sum of what was learnt leaves this computer.&lt;/b&gt; Your text stays here.</source>
        <translation>&lt;b&gt;Eine verschlüsselte, verrauschte Summe des Gelernten verlässt diesen Computer.&lt;/b&gt; Ihr Text bleibt hier.</translation>
    </message>
    <message>
        <source>&lt;b&gt;Nothing leaves this computer.&lt;/b&gt; A model of your own learns from your text and stays here.</source>
        <translation>&lt;b&gt;Nichts verlässt diesen Computer.&lt;/b&gt; Ein eigenes Modell lernt aus Ihrem Text und bleibt hier.</translation>
    </message>
    <message>
        <source>What would be used</source>
        <translation>Was genutzt würde</translation>
    </message>
    <message>
        <source>%1 files, %2 tokens; %3 private passages are taken out</source>
        <translation>%1 Dateien, %2 Tokens; %3 private Stellen sind geschwärzt</translation>
    </message>
    <message>
        <source>Id of the run</source>
        <translation>Kennung des Laufs</translation>
    </message>
    <message>
        <source>Most privacy it may cost</source>
        <translation>Höchste Privatheitskosten (ε)</translation>
    </message>
    <message>
        <source>Days until it ends by itself</source>
        <translation>Tage, bis sie von selbst endet</translation>
    </message>
    <message>
        <source>Files that change later are not used until you have seen them again.</source>
        <translation>Dateien, die sich später ändern, werden erst genutzt, wenn Sie sie wieder angesehen haben.</translation>
    </message>
    <message>
        <source>You answered No to this kind of use. Change the answer first, under Your limits.</source>
        <translation>Sie haben zu dieser Nutzung Nein gesagt. Ändern Sie zuerst die Antwort unter „Ihre Grenzen“.</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Yes, allow it</source>
        <translation>Ja, erlauben</translation>
    </message>
</context>
<context>
    <name>ImportCard</name>
    <message>
        <source>Copying and checking: %1 of %2</source>
        <translation>Kopiert und prüft: %1 von %2</translation>
    </message>
    <message>
        <source>Reading the file</source>
        <translation>Liest die Datei</translation>
    </message>
    <message>
        <source>Waiting for the import before it</source>
        <translation>Wartet auf den Import davor</translation>
    </message>
    <message>
        <source>Importing %1</source>
        <translation>Importiert %1</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>MeterCard</name>
    <message>
        <source>What the model shows of you</source>
        <translation>Was das Modell von Ihnen zeigt</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>Wird gemessen…</translation>
    </message>
    <message>
        <source>Measure again</source>
        <translation>Neu messen</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Guessed right</source>
        <translation>Richtig geraten</translation>
    </message>
    <message>
        <source>How often an attacker names the passage that was trained on, shown two. A coin gets 50 %. (AUC)</source>
        <translation>Wie oft ein Angreifer von zwei Passagen die nennt, mit der trainiert wurde. Eine Münze schafft 50 %. (AUC)</translation>
    </message>
    <message>
        <source>Sure hits</source>
        <translation>Sichere Treffer</translation>
    </message>
    <message>
        <source>Passages of yours he finds when only one in a thousand of his finds may be wrong. (TPR at 0.1 % FPR)</source>
        <translation>Ihre Passagen, die er findet, wenn nur jeder tausendste Fund falsch sein darf. (TPR bei 0,1 % FPR)</translation>
    </message>
    <message>
        <source>Privacy cost, measured</source>
        <translation>Privatheitskosten, gemessen</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>mindestens %1</translation>
    </message>
    <message>
        <source>ε that the attacks prove with 95 % confidence. Work at home promises none: it never leaves this computer.</source>
        <translation>ε, das die Angriffe mit 95 % Sicherheit belegen. Arbeit zu Hause verspricht keines: Sie verlässt diesen Computer nie.</translation>
    </message>
    <message>
        <source>ε that the attacks prove with 95 % confidence. Promised were %1 at most.</source>
        <translation>ε, das die Angriffe mit 95 % Sicherheit belegen. Zugesagt waren höchstens %1.</translation>
    </message>
    <message>
        <source>A number in your text</source>
        <translation>Eine Zahl in Ihrem Text</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>keine gefunden</translation>
    </message>
    <message>
        <source>%1 of 11 bits</source>
        <translation>%1 von 11 Bit</translation>
    </message>
    <message>
        <source>How much closer than a blind guess the model brings one to the number it shows most. (Exposure)</source>
        <translation>Wie viel näher als blindes Raten das Modell an die Zahl heranführt, die es am deutlichsten zeigt. (Exposure)</translation>
    </message>
    <message>
        <source>%1: %2; measured %3.</source>
        <translation>%1: %2; gemessen %3.</translation>
    </message>
</context>
<context>
    <name>ModelChooser</name>
    <message>
        <source>Model that answers</source>
        <translation>Modell, das antwortet</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>%1 on disk</source>
        <translation>%1 auf der Platte</translation>
    </message>
    <message>
        <source>%1 on disk, %2 of memory</source>
        <translation>%1 auf der Platte, %2 Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Device that computes</source>
        <translation>Gerät, das rechnet</translation>
    </message>
    <message>
        <source>Best device</source>
        <translation>Bestes Gerät</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Network run</source>
        <translation>Aus dem Netz</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation>Unvollständig</translation>
    </message>
    <message>
        <source>Too large</source>
        <translation>Zu groß</translation>
    </message>
    <message>
        <source>In memory</source>
        <translation>Im Speicher</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
</context>
<context>
    <name>ModelSheet</name>
    <message>
        <source>Chat with it</source>
        <translation>Damit sprechen</translation>
    </message>
    <message>
        <source>This computer&apos;s memory cannot hold it. Choose a smaller model, or one with fewer bits per weight.</source>
        <translation>Der Arbeitsspeicher dieses Computers fasst es nicht. Wählen Sie ein kleineres Modell oder eines mit weniger Bits je Gewicht.</translation>
    </message>
    <message>
        <source>Its files are gone or have changed. Remove it and import it again.</source>
        <translation>Seine Dateien sind weg oder haben sich geändert. Entfernen Sie es und importieren Sie es neu.</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Größe auf der Platte</translation>
    </message>
    <message>
        <source>(linked, not copied)</source>
        <translation>(verknüpft, nicht kopiert)</translation>
    </message>
    <message>
        <source>Memory to answer</source>
        <translation>Arbeitsspeicher zum Antworten</translation>
    </message>
    <message>
        <source>Reads at most</source>
        <translation>Liest höchstens</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>The file does not say</source>
        <translation>Die Datei nennt keine</translation>
    </message>
    <message>
        <source>Imported</source>
        <translation>Importiert</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>the model&apos;s hash</source>
        <translation>den Hash des Modells</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>Exportiert …</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Export the model</source>
        <translation>Modell exportieren</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>The original files stay where they are.</source>
        <translation>Die ursprünglichen Dateien bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Its copy is deleted from this computer. Conversations with it are kept.</source>
        <translation>Die Kopie wird von diesem Computer gelöscht. Gespräche damit bleiben erhalten.</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Remove now</source>
        <translation>Jetzt entfernen</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) on this computer and in the network&apos;s runs</source>
        <translation>
            <numerusform>%n Modell auf diesem Computer und in Läufen des Netzes</numerusform>
            <numerusform>%n Modelle auf diesem Computer und in Läufen des Netzes</numerusform>
        </translation>
    </message>
    <message>
        <source>None on this computer yet</source>
        <translation>Noch keines auf diesem Computer</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner …</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Models (*.gguf *.safetensors)</source>
        <translation>Modelle (*.gguf *.safetensors)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a folder with config.json and safetensors files</source>
        <translation>Ordner mit config.json und Safetensors-Dateien wählen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>Exportiert nach %1</translation>
    </message>
    <message>
        <source>Your models appear here</source>
        <translation>Hier erscheinen Ihre Modelle</translation>
    </message>
    <message>
        <source>Import a model from a GGUF or safetensors file. It is copied, checked and kept; chat and other programs can then use it offline.</source>
        <translation>Importieren Sie ein Modell aus einer GGUF- oder Safetensors-Datei. Es wird kopiert, geprüft und aufbewahrt; Chat und andere Programme nutzen es dann offline.</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
</context>
<context>
    <name>NavRail</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Wallet</source>
        <translation>Geldbörse</translation>
    </message>
    <message>
        <source>Audit log</source>
        <translation>Prüfprotokoll</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Practice</source>
        <translation>Üben</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>My data</source>
        <translation>Meine Daten</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>No network yet</source>
        <translation>Noch kein Netz</translation>
    </message>
    <message numerus="yes">
        <source>%n peer(s) connected, directly and encrypted</source>
        <translation>
            <numerusform>%n Gegenstelle verbunden, direkt und verschlüsselt</numerusform>
            <numerusform>%n Gegenstellen verbunden, direkt und verschlüsselt</numerusform>
        </translation>
    </message>
    <message>
        <source>Invite</source>
        <translation>Einladen</translation>
    </message>
    <message>
        <source>On its own so far</source>
        <translation>Noch allein</translation>
    </message>
    <message>
        <source>A network is a group of computers that train together and keep one audit log. There is no central one: join one by invitation, or found your own.</source>
        <translation>Ein Netz ist eine Gruppe von Computern, die gemeinsam trainieren und ein Prüfprotokoll führen. Ein zentrales gibt es nicht: Treten Sie mit einer Einladung bei oder gründen Sie ein eigenes.</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Verstanden</translation>
    </message>
    <message>
        <source>Your network</source>
        <translation>Ihr Netz</translation>
    </message>
    <message>
        <source>network id</source>
        <translation>Netzkennung</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Validators</source>
        <translation>Validatoren</translation>
    </message>
    <message>
        <source>This computer is one</source>
        <translation>Dieser Computer ist einer</translation>
    </message>
    <message>
        <source>Peer</source>
        <translation>Gegenstelle</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Round trip</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Nobody else is here yet</source>
        <translation>Noch ist niemand sonst da</translation>
    </message>
    <message>
        <source>Invite someone, or wait: other computers of this network are being looked for.</source>
        <translation>Laden Sie jemanden ein oder warten Sie: Andere Computer dieses Netzes werden gesucht.</translation>
    </message>
</context>
<context>
    <name>InvitationCard</name>
    <message>
        <source>Invitation as a QR code</source>
        <translation>Einladung als QR-Code</translation>
    </message>
    <message>
        <source>Invitation</source>
        <translation>Einladung</translation>
    </message>
    <message>
        <source>Whoever has this text or scans this code can join. Send it to people you want in the network.</source>
        <translation>Wer diesen Text hat oder den Code scannt, kann beitreten. Schicken Sie ihn denen, die Sie im Netz haben möchten.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>NodeBanners</name>
    <message>
        <source>Loam&apos;s node is being started…</source>
        <translation>Der Knoten von Loam wird gestartet …</translation>
    </message>
    <message>
        <source>Loam&apos;s node does not answer; it is being started again. What you see may be old.</source>
        <translation>Der Knoten von Loam antwortet nicht und wird neu gestartet. Was Sie sehen, kann veraltet sein.</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>Onboarding</name>
    <message>
        <source>Welcome to Loam</source>
        <translation>Willkommen bei Loam</translation>
    </message>
    <message>
        <source>Idle computers build an AI that belongs to the people who train it. Yours can be one of them.</source>
        <translation>Ungenutzte Computer bauen eine KI, die denen gehört, die sie trainieren. Ihrer kann dabei sein.</translation>
    </message>
    <message>
        <source>Nothing private takes part</source>
        <translation>Nichts Privates nimmt teil</translation>
    </message>
    <message>
        <source>Your files are never read unless you add them yourself. You see first what would be used.</source>
        <translation>Ihre Dateien werden nie gelesen, es sei denn, Sie fügen sie selbst hinzu. Sie sehen vorher, was verwendet würde.</translation>
    </message>
    <message>
        <source>Your computer stays yours</source>
        <translation>Ihr Computer bleibt Ihrer</translation>
    </message>
    <message>
        <source>Work happens only when you allow it, at the lowest priority, and stops the moment you need the machine.</source>
        <translation>Gearbeitet wird nur, wenn Sie es erlauben, mit niedrigster Priorität, und nicht länger, sobald Sie den Rechner brauchen.</translation>
    </message>
    <message>
        <source>Nothing has to be believed</source>
        <translation>Nichts muss geglaubt werden</translation>
    </message>
    <message>
        <source>Every reward and every decision is in an audit log that you can verify, entry by entry.</source>
        <translation>Jede Belohnung und jede Entscheidung steht in einem Protokoll, das Sie prüfen können, Eintrag für Eintrag.</translation>
    </message>
    <message>
        <source>Contribution is off until you switch it on.</source>
        <translation>Ihr Beitrag ist aus, bis Sie ihn einschalten.</translation>
    </message>
    <message>
        <source>Look around first</source>
        <translation>Erst einmal umsehen</translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Part of %1</source>
        <translation>Teil von %1</translation>
    </message>
    <message>
        <source>Part of a network</source>
        <translation>Teil eines Netzes</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Waiting for the node</source>
        <translation>Warten auf den Knoten</translation>
    </message>
    <message>
        <source>No network yet</source>
        <translation>Noch kein Netz</translation>
    </message>
    <message>
        <source>%1. This computer does not contribute.</source>
        <translation>%1. Dieser Computer trägt nicht bei.</translation>
    </message>
    <message>
        <source>Plant something</source>
        <translation>Etwas pflanzen</translation>
    </message>
    <message>
        <source>Once this computer is part of a network, its work, its earnings and the model&apos;s progress appear here. Choose how to begin.</source>
        <translation>Sobald dieser Computer zu einem Netz gehört, erscheinen hier seine Arbeit, seine Einkünfte und der Fortschritt des Modells. Wählen Sie einen Anfang.</translation>
    </message>
    <message>
        <source>Earned today</source>
        <translation>Heute verdient</translation>
    </message>
    <message>
        <source>Balance %1</source>
        <translation>Guthaben %1</translation>
    </message>
    <message>
        <source>Rewards for work that others verified since midnight. The reason behind each one is in the wallet.</source>
        <translation>Belohnungen für Arbeit, die andere seit Mitternacht geprüft haben. Den Grund jeder einzelnen zeigt die Geldbörse.</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>Durchsatz</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Training now</source>
        <translation>Trainiert gerade</translation>
    </message>
    <message>
        <source>Not training now</source>
        <translation>Trainiert gerade nicht</translation>
    </message>
    <message>
        <source>Tokens of text this computer trains on each second. A token is about four letters.</source>
        <translation>So viele Token Text lernt dieser Computer in jeder Sekunde. Ein Token sind etwa vier Buchstaben.</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Lower is better</source>
        <translation>Kleiner ist besser</translation>
    </message>
    <message>
        <source>Peers</source>
        <translation>Gegenstellen</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>verbunden</translation>
    </message>
    <message numerus="yes">
        <source>%n validator(s) keep the log</source>
        <translation>
            <numerusform>%n Validator führt das Protokoll</numerusform>
            <numerusform>%n Validatoren führen das Protokoll</numerusform>
        </translation>
    </message>
    <message>
        <source>Computers this one talks to now, directly, without a server in between.</source>
        <translation>Computer, mit denen dieser jetzt spricht, direkt, ohne einen Server dazwischen.</translation>
    </message>
    <message>
        <source>The curve begins with the first training step.</source>
        <translation>Die Kurve beginnt mit dem ersten Trainingsschritt.</translation>
    </message>
    <message>
        <source>This network is still small: its log is only as trustworthy as the few validators who keep it.</source>
        <translation>Dieses Netz ist noch klein: Sein Protokoll ist nur so vertrauenswürdig wie die wenigen Validatoren, die es führen.</translation>
    </message>
    <message>
        <source>nats per byte</source>
        <translation>Nats je Byte</translation>
    </message>
    <message>
        <source>How surprised the shared model is by text that nobody trained on. It falls while the model learns.</source>
        <translation>Wie sehr Text, an dem niemand trainiert hat, das gemeinsame Modell überrascht. Der Wert fällt, während es lernt.</translation>
    </message>
    <message>
        <source>Loss after each round</source>
        <translation>Verlust nach jeder Runde</translation>
    </message>
    <message>
        <source>The curve begins with the end of the first round.</source>
        <translation>Die Kurve beginnt mit dem Ende der ersten Runde.</translation>
    </message>
</context>
<context>
    <name>PassphraseSheet</name>
    <message>
        <source>Change the passphrase</source>
        <translation>Passphrase ändern</translation>
    </message>
    <message>
        <source>Present passphrase</source>
        <translation>Jetzige Passphrase</translation>
    </message>
    <message>
        <source>New passphrase</source>
        <translation>Neue Passphrase</translation>
    </message>
    <message>
        <source>New passphrase again</source>
        <translation>Neue Passphrase noch einmal</translation>
    </message>
    <message>
        <source>The two differ.</source>
        <translation>Die beiden sind verschieden.</translation>
    </message>
    <message>
        <source>Changing…</source>
        <translation>Wird geändert …</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Ändern</translation>
    </message>
    <message>
        <source>Set a passphrase</source>
        <translation>Passphrase setzen</translation>
    </message>
</context>
<context>
    <name>PaymentRow</name>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
</context>
<context>
    <name>PaymentSheet</name>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Balance afterwards</source>
        <translation>Guthaben danach</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Audit entry</source>
        <translation>Protokolleintrag</translation>
    </message>
    <message>
        <source>From or to</source>
        <translation>Von oder an</translation>
    </message>
    <message>
        <source>address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Bonded or vesting</source>
        <translation>Hinterlegt oder gebunden</translation>
    </message>
</context>
<context>
    <name>PracticeForm</name>
    <message>
        <source>Every node gets different texts and trains on them alone. After each round they exchange what they learned, agree on one model, and are paid for work that helped. Everything stays on this computer and is removed afterwards.</source>
        <translation>Jeder Knoten bekommt andere Texte und lernt allein an ihnen. Nach jeder Runde tauschen sie aus, was sie gelernt haben, einigen sich auf ein Modell und werden für Arbeit bezahlt, die geholfen hat. Alles bleibt auf diesem Computer und wird danach entfernt.</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Real programs, each with its own identity and wallet</source>
        <translation>Echte Programme, jedes mit eigener Identität und Geldbörse</translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation>Runden</translation>
    </message>
    <message>
        <source>About half a minute each on two cores</source>
        <translation>Je etwa eine halbe Minute auf zwei Kernen</translation>
    </message>
    <message>
        <source>Let one node cheat</source>
        <translation>Einen Knoten betrügen lassen</translation>
    </message>
    <message>
        <source>It sends poisoned updates and votes twice. Watch it being refused.</source>
        <translation>Er schickt vergiftete Updates und stimmt doppelt ab. Sehen Sie zu, wie er abgewiesen wird.</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>Public texts that come with the system. Or choose folders with .txt files of your own.</source>
        <translation>Öffentliche Texte, die beim System liegen. Oder wählen Sie eigene Ordner mit .txt-Dateien.</translation>
    </message>
    <message>
        <source>Your folders, one for each node in turn:</source>
        <translation>Ihre Ordner, reihum einer je Knoten:</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Start practice</source>
        <translation>Übung starten</translation>
    </message>
    <message>
        <source>Folder with texts</source>
        <translation>Ordner mit Texten</translation>
    </message>
</context>
<context>
    <name>PracticeNodes</name>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Progress of the round</source>
        <translation>Fortschritt der Runde</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
</context>
<context>
    <name>PracticePage</name>
    <message>
        <source>Practice</source>
        <translation>Üben</translation>
    </message>
    <message>
        <source>A whole network on this computer: real nodes, real text, a few minutes</source>
        <translation>Ein ganzes Netz auf diesem Computer: echte Knoten, echter Text, wenige Minuten</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Round %1 of %2</source>
        <translation>Runde %1 von %2</translation>
    </message>
    <message>
        <source>Progress of the practice run</source>
        <translation>Fortschritt der Übung</translation>
    </message>
    <message>
        <source>Loss on text that no node has seen</source>
        <translation>Verlust an Text, den kein Knoten kennt</translation>
    </message>
    <message>
        <source>nats per byte</source>
        <translation>Nats je Byte</translation>
    </message>
    <message>
        <source>round</source>
        <translation>Runde</translation>
    </message>
    <message>
        <source>The first point comes with the end of the first round.</source>
        <translation>Der erste Punkt kommt mit dem Ende der ersten Runde.</translation>
    </message>
    <message>
        <source>Real programs at work. You can use the computer meanwhile.</source>
        <translation>Echte Programme bei der Arbeit. Sie können den Computer derweil benutzen.</translation>
    </message>
</context>
<context>
    <name>PracticeRefusals</name>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Round %1, %2: %3</source>
        <translation>Runde %1, %2: %3</translation>
    </message>
</context>
<context>
    <name>PracticeResults</name>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>Rolle</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>Earned</source>
        <translation>Verdient</translation>
    </message>
    <message>
        <source>audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
</context>
<context>
    <name>PracticeVerdict</name>
    <message>
        <source>All honest nodes ended with the same audit log and the same model, to the last bit.</source>
        <translation>Alle ehrlichen Knoten endeten mit demselben Prüfprotokoll und demselben Modell, bis aufs letzte Bit.</translation>
    </message>
    <message>
        <source>The nodes did not end with the same audit log and model.</source>
        <translation>Die Knoten endeten nicht mit demselben Prüfprotokoll und Modell.</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>nats per byte</source>
        <translation>Nats je Byte</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Sent by all nodes</source>
        <translation>Von allen Knoten gesendet</translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>hash of the model</source>
        <translation>Hash des Modells</translation>
    </message>
</context>
<context>
    <name>PreviewLine</name>
    <message>
        <source>struck by you</source>
        <translation>von Ihnen gestrichen</translation>
    </message>
    <message>
        <source>repeats, left out</source>
        <translation>wiederholt sich, ausgelassen</translation>
    </message>
    <message>
        <source>Never use this line</source>
        <translation>Diese Zeile nie nutzen</translation>
    </message>
</context>
<context>
    <name>PreviewSheet</name>
    <message>
        <source>Never use this file</source>
        <translation>Diese Datei nie nutzen</translation>
    </message>
    <message>
        <source>Also take out everywhere</source>
        <translation>Außerdem überall schwärzen</translation>
    </message>
    <message>
        <source>a name, a project, K-####</source>
        <translation>ein Name, ein Projekt, K-####</translation>
    </message>
    <message>
        <source># is a digit, ? any sign, * the rest of a word.</source>
        <translation># ist eine Ziffer, ? ein Zeichen, * der Rest eines Wortes.</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>Schwärzen</translation>
    </message>
    <message>
        <source>The first %1 of %2 lines. `loamctl data preview` shows the rest.</source>
        <translation>Die ersten %1 von %2 Zeilen. `loamctl data preview` zeigt den Rest.</translation>
    </message>
</context>
<context>
    <name>RunCard</name>
    <message>
        <source>No run is open</source>
        <translation>Kein Lauf ist offen</translation>
    </message>
    <message>
        <source>Run %1, round %2</source>
        <translation>Lauf %1, Runde %2</translation>
    </message>
    <message>
        <source>Work begins as soon as someone in the network opens one.</source>
        <translation>Die Arbeit beginnt, sobald jemand im Netz einen eröffnet.</translation>
    </message>
    <message>
        <source>Step %1 of %2 of this round</source>
        <translation>Schritt %1 von %2 dieser Runde</translation>
    </message>
    <message>
        <source>Between two rounds</source>
        <translation>Zwischen zwei Runden</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Audit entries</source>
        <translation>Protokolleinträge</translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>audit root</source>
        <translation>Prüfwurzel</translation>
    </message>
    <message>
        <source>Steps of this round</source>
        <translation>Schritte dieser Runde</translation>
    </message>
</context>
<context>
    <name>SendSheet</name>
    <message>
        <source>Is this right?</source>
        <translation>Stimmt das so?</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>The wallet is locked. Its passphrase opens it until Loam&apos;s node ends.</source>
        <translation>Die Geldbörse ist gesperrt. Ihre Passphrase öffnet sie, bis der Knoten von Loam endet.</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>Address of the receiver</source>
        <translation>Adresse des Empfängers</translation>
    </message>
    <message>
        <source>The address carries a checksum: a mistyped one is refused.</source>
        <translation>Die Adresse trägt eine Prüfsumme: Eine vertippte wird abgewiesen.</translation>
    </message>
    <message>
        <source>Amount in LOAM</source>
        <translation>Betrag in LOAM</translation>
    </message>
    <message>
        <source>Available: %1</source>
        <translation>Verfügbar: %1</translation>
    </message>
    <message>
        <source>Note (public, may be empty)</source>
        <translation>Notiz (öffentlich, darf leer sein)</translation>
    </message>
    <message>
        <source>Check and send…</source>
        <translation>Prüfen und senden …</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>A payment cannot be taken back.</source>
        <translation>Eine Zahlung lässt sich nicht zurücknehmen.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Wird gesendet …</translation>
    </message>
    <message>
        <source>Send now</source>
        <translation>Jetzt senden</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Changes apply at once</source>
        <translation>Änderungen gelten sofort</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>Start with the computer</source>
        <translation>Mit dem Computer starten</translation>
    </message>
    <message>
        <source>Loam then waits in the tray. It contributes only if the switch is on.</source>
        <translation>Loam wartet dann in der Leiste. Es trägt nur bei, wenn der Schalter an ist.</translation>
    </message>
    <message>
        <source>Wallet and identity</source>
        <translation>Geldbörse und Identität</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>Protects the keys on this disk. It cannot be recovered, only the 24 words can restore the wallet.</source>
        <translation>Schützt die Schlüssel auf diesem Datenträger. Sie ist nicht wiederherstellbar; nur die 24 Wörter stellen die Geldbörse wieder her.</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>The 24 words</source>
        <translation>Die 24 Wörter</translation>
    </message>
    <message>
        <source>They restore wallet, identity and reputation on any computer. Write them on paper.</source>
        <translation>Sie stellen Geldbörse, Identität und Ruf auf jedem Computer wieder her. Schreiben Sie sie auf Papier.</translation>
    </message>
    <message>
        <source>Show…</source>
        <translation>Zeigen …</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über Loam</translation>
    </message>
    <message>
        <source>Loam</source>
        <translation>Loam</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>Version %1</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 3 or later. Icons: Lucide (ISC). Font: Inter (OFL).</source>
        <translation>Freie Software unter der GNU General Public License, Version 3 oder später. Symbole: Lucide (ISC). Schrift: Inter (OFL).</translation>
    </message>
</context>
<context>
    <name>SideSheet</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>TextFile</name>
    <message>
        <source>%1 was not written: %2.</source>
        <translation>%1 wurde nicht geschrieben: %2.</translation>
    </message>
</context>
<context>
    <name>TrainSheet</name>
    <message>
        <source>Train a model of your own</source>
        <translation>Ein eigenes Modell trainieren</translation>
    </message>
    <message>
        <source>&lt;b&gt;Nothing leaves this computer.&lt;/b&gt; The model learns from the text you choose here, and what it has learnt is sealed with your key.</source>
        <translation>&lt;b&gt;Nichts verlässt diesen Computer.&lt;/b&gt; Das Modell lernt aus dem Text, den Sie hier wählen, und was es gelernt hat, wird mit Ihrem Schlüssel versiegelt.</translation>
    </message>
    <message>
        <source>Model that learns</source>
        <translation>Modell, das lernt</translation>
    </message>
    <message>
        <source>Import a model of the Llama family first</source>
        <translation>Erst ein Modell der Llama-Familie importieren</translation>
    </message>
    <message>
        <source>Text it may learn from</source>
        <translation>Text, aus dem es lernen darf</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>My letters</source>
        <translation>Meine Briefe</translation>
    </message>
    <message>
        <source>Begin at once</source>
        <translation>Sofort beginnen</translation>
    </message>
    <message>
        <source>Otherwise it keeps to the times when this computer may work.</source>
        <translation>Sonst hält es sich an die Zeiten, in denen dieser Computer arbeiten darf.</translation>
    </message>
    <message>
        <source>The consent ends after 30 days, or when you end it; training then stops before its next step.</source>
        <translation>Die Einwilligung endet nach 30 Tagen oder wenn Sie sie beenden; das Training hält dann vor dem nächsten Schritt an.</translation>
    </message>
    <message>
        <source>You answered No to this kind of use. Change the answer first, under Your limits.</source>
        <translation>Zu dieser Nutzung haben Sie Nein gesagt. Ändern Sie erst die Antwort, unter Ihre Grenzen.</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Yes, train it</source>
        <translation>Ja, trainieren</translation>
    </message>
</context>
<context>
    <name>UseRow</name>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
</context>
<context>
    <name>WalletPage</name>
    <message>
        <source>Wallet</source>
        <translation>Geldbörse</translation>
    </message>
    <message>
        <source>Locked. Unlock it to send.</source>
        <translation>Gesperrt. Zum Senden entsperren.</translation>
    </message>
    <message>
        <source>Every payment with the reason behind it</source>
        <translation>Jede Zahlung mit ihrem Grund</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Export history as CSV</source>
        <translation>Verlauf als CSV speichern</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Available</source>
        <translation>Verfügbar</translation>
    </message>
    <message>
        <source>Your address</source>
        <translation>Ihre Adresse</translation>
    </message>
    <message>
        <source>your address</source>
        <translation>Ihre Adresse</translation>
    </message>
    <message>
        <source>Vesting</source>
        <translation>Gebunden</translation>
    </message>
    <message>
        <source>Part of each of your last ten rewards waits here. It stands for your honesty and becomes available as new rewards come.</source>
        <translation>Ein Teil jeder Ihrer letzten zehn Belohnungen wartet hier. Er bürgt für Ihre Ehrlichkeit und wird frei, wenn neue Belohnungen kommen.</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Verstanden</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>Balance</source>
        <translation>Guthaben</translation>
    </message>
    <message>
        <source>Payments</source>
        <translation>Zahlungen</translation>
    </message>
    <message>
        <source>No payments yet</source>
        <translation>Noch keine Zahlungen</translation>
    </message>
    <message>
        <source>Rewards for verified work, and what you send and receive, appear here with their reasons.</source>
        <translation>Belohnungen für geprüfte Arbeit und was Sie senden und empfangen, erscheinen hier mit ihren Gründen.</translation>
    </message>
</context>
<context>
    <name>WordsSheet</name>
    <message>
        <source>The 24 words</source>
        <translation>Die 24 Wörter</translation>
    </message>
    <message>
        <source>Whoever knows these words owns the wallet. Nobody from Loam will ever ask for them.</source>
        <translation>Wer diese Wörter kennt, dem gehört die Geldbörse. Niemand von Loam wird je danach fragen.</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passphrase</translation>
    </message>
    <message>
        <source>Show the words</source>
        <translation>Wörter zeigen</translation>
    </message>
    <message>
        <source>I have written them down</source>
        <translation>Ich habe sie aufgeschrieben</translation>
    </message>
</context>
<context>
    <name>loam::desktop::AdaptersVm</name>
    <message>
        <source>Stopped. What it has learnt is kept, sealed; you can go on later.</source>
        <translation>Angehalten. Was es gelernt hat, bleibt versiegelt aufbewahrt; Sie können später fortfahren.</translation>
    </message>
    <message>
        <source>Removed. Nothing of it is left on this computer.</source>
        <translation>Entfernt. Auf diesem Computer ist nichts mehr davon.</translation>
    </message>
    <message>
        <source>Saved as %1. It is no longer sealed there.</source>
        <translation>Gespeichert als %1. Dort ist es nicht mehr versiegelt.</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>It has not learnt to read your text better. More text may help.</source>
        <translation>Es liest Ihren Text nicht besser als vorher. Mehr Text kann helfen.</translation>
    </message>
    <message>
        <source>Text of yours that was held back surprises it %1 less.</source>
        <translation>Ihr zurückgehaltener Text überrascht es um %1 weniger.</translation>
    </message>
    <message>
        <source>Step %1 of %2 at most, %3 tokens/s</source>
        <translation>Schritt %1 von höchstens %2, %3 Tokens/s</translation>
    </message>
    <message>
        <source>Reading your text</source>
        <translation>Liest Ihren Text</translation>
    </message>
    <message>
        <source>Begins in a moment</source>
        <translation>Beginnt gleich</translation>
    </message>
</context>
<context>
    <name>loam::desktop::AuditVm</name>
    <message>
        <source>Entry</source>
        <translation>Eintrag</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Round</source>
        <translation>Runde</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Betrag</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Other side</source>
        <translation>Andere Seite</translation>
    </message>
</context>
<context>
    <name>loam::desktop::ChatVm</name>
    <message>
        <source>Loam&apos;s node has gone; what you wrote is kept.</source>
        <translation>Loams Knoten ist weg; was Sie schrieben, ist aufbewahrt.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::CommandVm</name>
    <message>
        <source>Saved as %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::DataVm</name>
    <message>
        <source>Nothing of yours has left this computer.</source>
        <translation>Nichts von Ihnen hat diesen Computer verlassen.</translation>
    </message>
    <message>
        <source>The budget is used up. Nothing more is taken from these sources.</source>
        <translation>Das Budget ist verbraucht. Diesen Quellen wird nichts mehr entnommen.</translation>
    </message>
    <message>
        <source>%1 of the privacy you allowed has been spent. At the limit, sharing stops by itself.</source>
        <translation>%1 der erlaubten Privatheit sind verbraucht. An der Grenze endet das Teilen von selbst.</translation>
    </message>
    <message>
        <source>You struck this file. Nothing of it is used.</source>
        <translation>Sie haben diese Datei gestrichen. Nichts davon wird genutzt.</translation>
    </message>
    <message>
        <source>Left out: %1.</source>
        <translation>Ausgelassen: %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s) would be used.</source>
        <translation>
            <numerusform>%n Token würde genutzt.</numerusform>
            <numerusform>%n Tokens würden genutzt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Only folders and files of this computer can be added.</source>
        <translation>Nur Ordner und Dateien dieses Computers können hinzugefügt werden.</translation>
    </message>
    <message>
        <source>Added. Nothing of it is used until you say so.</source>
        <translation>Hinzugefügt. Nichts davon wird genutzt, bis Sie es erlauben.</translation>
    </message>
    <message>
        <source>Removed, and every consent that named it has ended.</source>
        <translation>Entfernt, und jede Einwilligung, die sie nannte, ist beendet.</translation>
    </message>
    <message>
        <source>Consent given. You can end it at any time.</source>
        <translation>Einwilligung erteilt. Sie können sie jederzeit beenden.</translation>
    </message>
    <message>
        <source>Ended. Nothing more is used under this consent.</source>
        <translation>Beendet. Unter dieser Einwilligung wird nichts mehr genutzt.</translation>
    </message>
    <message>
        <source>From now on this is taken out wherever it stands.</source>
        <translation>Das wird ab jetzt überall geschwärzt.</translation>
    </message>
    <message>
        <source>mail address</source>
        <translation>Mailadresse</translation>
    </message>
    <message>
        <source>phone number</source>
        <translation>Telefonnummer</translation>
    </message>
    <message>
        <source>card number</source>
        <translation>Kartennummer</translation>
    </message>
    <message>
        <source>bank account</source>
        <translation>Bankkonto</translation>
    </message>
    <message>
        <source>network address</source>
        <translation>Netzadresse</translation>
    </message>
    <message>
        <source>password or key</source>
        <translation>Passwort oder Schlüssel</translation>
    </message>
    <message>
        <source>private key</source>
        <translation>privater Schlüssel</translation>
    </message>
    <message>
        <source>your pattern</source>
        <translation>Ihr Muster</translation>
    </message>
    <message>
        <source>%1 files, %2 still to be read</source>
        <translation>%1 Dateien, %2 noch zu lesen</translation>
    </message>
    <message>
        <source>%1 files, %2 of them left out</source>
        <translation>%1 Dateien, davon %2 ausgelassen</translation>
    </message>
    <message>
        <source>%1 files</source>
        <translation>%1 Dateien</translation>
    </message>
    <message>
        <source>Struck</source>
        <translation>Gestrichen</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Unreadable</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>Usable</source>
        <translation>Nutzbar</translation>
    </message>
    <message>
        <source>Too short</source>
        <translation>Zu kurz</translation>
    </message>
    <message>
        <source>No prose</source>
        <translation>Kein Fließtext</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>Doppelt</translation>
    </message>
    <message>
        <source>Boilerplate</source>
        <translation>Floskeln</translation>
    </message>
    <message>
        <source>Shared, private training</source>
        <translation>Gemeinsames, privates Training</translation>
    </message>
    <message>
        <source>A model of your own, at home</source>
        <translation>Ein eigenes Modell, zu Hause</translation>
    </message>
    <message>
        <source>In force</source>
        <translation>In Kraft</translation>
    </message>
    <message>
        <source>Ended by you</source>
        <translation>Von Ihnen beendet</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Consent given</source>
        <translation>Einwilligung erteilt</translation>
    </message>
    <message>
        <source>Consent ended</source>
        <translation>Einwilligung beendet</translation>
    </message>
    <message>
        <source>Privacy spent</source>
        <translation>Verbrauchte Privatheit</translation>
    </message>
    <message>
        <source>File used</source>
        <translation>Datei genutzt</translation>
    </message>
    <message>
        <source>Source added</source>
        <translation>Quelle hinzugefügt</translation>
    </message>
    <message>
        <source>Source removed</source>
        <translation>Quelle entfernt</translation>
    </message>
    <message>
        <source>Your limits changed</source>
        <translation>Ihre Grenzen geändert</translation>
    </message>
    <message>
        <source>Use refused</source>
        <translation>Nutzung abgelehnt</translation>
    </message>
</context>
<context>
    <name>loam::desktop::MeterVm</name>
    <message>
        <source>Shows next to nothing</source>
        <translation>Zeigt fast nichts</translation>
    </message>
    <message>
        <source>Shows traces</source>
        <translation>Zeigt Spuren</translation>
    </message>
    <message>
        <source>Shows your text</source>
        <translation>Zeigt Ihren Text</translation>
    </message>
    <message>
        <source>Not measured yet. Loam tries the known attacks on the model here, on this computer, and shows what they find.</source>
        <translation>Noch nicht gemessen. Loam versucht die bekannten Angriffe auf das Modell hier, auf diesem Computer, und zeigt, was sie finden.</translation>
    </message>
    <message>
        <source>The known attacks hardly do better than guessing whether a passage of yours was trained on.</source>
        <translation>Die bekannten Angriffe sagen kaum besser als geraten, ob mit einer Passage von Ihnen trainiert wurde.</translation>
    </message>
    <message>
        <source>The known attacks sometimes tell a passage that was trained on from one that was not.</source>
        <translation>Die bekannten Angriffe unterscheiden manchmal eine Passage, mit der trainiert wurde, von einer anderen.</translation>
    </message>
    <message>
        <source>Whoever has this model can tell which passages are yours, and may draw them out of it. Do not hand it on.</source>
        <translation>Wer dieses Modell hat, kann erkennen, welche Passagen von Ihnen sind, und sie ihm womöglich entlocken. Geben Sie es nicht weiter.</translation>
    </message>
    <message>
        <source>%1 passages of yours against %2 of the run&apos;s public test text</source>
        <translation>%1 Ihrer Passagen gegen %2 aus dem öffentlichen Prüftext des Laufs</translation>
    </message>
    <message>
        <source>%1 passages of yours against %2 that were left out of training</source>
        <translation>%1 Ihrer Passagen gegen %2, die beim Training ausgelassen wurden</translation>
    </message>
</context>
<context>
    <name>loam::desktop::ModelsVm</name>
    <message>
        <source>Loam&apos;s node has gone; the import is not finished.</source>
        <translation>Loams Knoten ist weg; der Import ist nicht fertig.</translation>
    </message>
    <message>
        <source>%1 with %2</source>
        <translation>%1 mit %2</translation>
    </message>
</context>
<context>
    <name>loam::desktop::PracticeVm</name>
    <message>
        <source>The node went away in the middle of the run.</source>
        <translation>Der Knoten ist mitten im Lauf verschwunden.</translation>
    </message>
    <message>
        <source>Stopped by you. Everything it made was removed.</source>
        <translation>Von Ihnen beendet. Alles, was entstanden war, ist entfernt.</translation>
    </message>
    <message>
        <source>The run did not finish.</source>
        <translation>Der Lauf wurde nicht fertig.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::RpcNode</name>
    <message>
        <source>The node gave no reason.</source>
        <translation>Der Knoten nannte keinen Grund.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::SettingsVm</name>
    <message>
        <source>The window&apos;s settings could not be read; the defaults are in use.</source>
        <translation>Die Einstellungen des Fensters waren nicht lesbar; es gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>Not understood in the window&apos;s settings, default in use: %1.</source>
        <translation>In den Einstellungen des Fensters nicht verstanden, es gilt die Vorgabe: %1.</translation>
    </message>
    <message>
        <source>The window&apos;s settings could not be saved: %1.</source>
        <translation>Die Einstellungen des Fensters konnten nicht gespeichert werden: %1.</translation>
    </message>
    <message>
        <source>Loam could not be added to the programs that start with the computer: %1.</source>
        <translation>Loam konnte nicht zu den Programmen hinzugefügt werden, die mit dem Computer starten: %1.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::Tray</name>
    <message>
        <source>Contribute</source>
        <translation>Beitragen</translation>
    </message>
    <message>
        <source>Pause for one hour</source>
        <translation>Eine Stunde anhalten</translation>
    </message>
    <message>
        <source>Open Loam</source>
        <translation>Loam öffnen</translation>
    </message>
    <message>
        <source>Quit (work goes on)</source>
        <translation>Beenden (die Arbeit geht weiter)</translation>
    </message>
    <message>
        <source>Quit and stop contributing</source>
        <translation>Beenden und nicht mehr beitragen</translation>
    </message>
    <message>
        <source>The node does not answer</source>
        <translation>Der Knoten antwortet nicht</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Today: %1</source>
        <translation>Heute: %1</translation>
    </message>
    <message>
        <source>Loam is still here</source>
        <translation>Loam ist noch da</translation>
    </message>
    <message>
        <source>The window is closed; the node goes on as you set it. Right-click the sprout to quit.</source>
        <translation>Das Fenster ist zu; der Knoten macht weiter wie eingestellt. Rechtsklick auf das Symbol beendet Loam.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::WorkVm</name>
    <message>
        <source>By itself</source>
        <translation>Von selbst</translation>
    </message>
    <message>
        <source>Half of the cores</source>
        <translation>Die Hälfte der Kerne</translation>
    </message>
</context>
<context>
    <name>WorkSettings</name>
    <message>
        <source>Contribution</source>
        <translation>Beitrag</translation>
    </message>
    <message>
        <source>Compute on</source>
        <translation>Rechnen auf</translation>
    </message>
    <message>
        <source>By itself Loam takes a graphics card where there is one, else the processor.</source>
        <translation>Von selbst nimmt Loam eine Grafikkarte, wo es eine gibt, sonst den Prozessor.</translation>
    </message>
    <message>
        <source>Processor threads</source>
        <translation>Prozessor-Threads</translation>
    </message>
    <message>
        <source>Fewer leave more of the computer to you. Takes effect with the next round.</source>
        <translation>Weniger lassen Ihnen mehr vom Computer. Gilt ab der nächsten Runde.</translation>
    </message>
    <message>
        <source>Only while nobody uses this computer</source>
        <translation>Nur solange niemand diesen Computer benutzt</translation>
    </message>
    <message>
        <source>Also on battery</source>
        <translation>Auch im Akkubetrieb</translation>
    </message>
    <message>
        <source>Also where traffic costs</source>
        <translation>Auch, wo Datenverkehr kostet</translation>
    </message>
    <message>
        <source>For example over a phone. A round sends less than a megabyte for a small model.</source>
        <translation>Zum Beispiel über ein Telefon. Eine Runde sendet bei einem kleinen Modell weniger als ein Megabyte.</translation>
    </message>
</context>
<context>
    <name>loam::desktop::WalletVm</name>
    <message>
        <source>The amount must be a number above zero, at most six decimals.</source>
        <translation>Der Betrag muss eine Zahl über null mit höchstens sechs Nachkommastellen sein.</translation>
    </message>
    <message>
        <source>%1 are on their way.</source>
        <translation>%1 sind unterwegs.</translation>
    </message>
    <message>
        <source>The passphrase is changed.</source>
        <translation>Die Passphrase ist geändert.</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Loam: idle computers build a shared AI.</source>
        <translation>Loam: Ungenutzte Computer bauen eine gemeinsame KI.</translation>
    </message>
    <message>
        <source>Folder of the node.</source>
        <translation>Ordner des Knotens.</translation>
    </message>
    <message>
        <source>Start in the tray, without a window.</source>
        <translation>In der Leiste starten, ohne Fenster.</translation>
    </message>
</context>
</TS>
