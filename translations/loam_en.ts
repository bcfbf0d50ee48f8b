<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>AuditPage</name>
    <message>
        <source>Audit log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every transaction and every decision, in the order in which they became final</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log does not continue what was seen before. Do not trust new entries; ask the people who run the validators.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search: kind, node, text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 entries</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 entries</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Signed by %n validator(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Inconsistent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Node</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log is empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Once this computer is part of a network, each of its transactions and decisions appears here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No entry contains “%1”.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AuditRow</name>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AuditSheet</name>
    <message>
        <source>Entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verifying computes the root of the whole log from this entry alone and compares it with the one the validators signed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verify</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export proof</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Verified: this entry is in the log.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refuted: the proof does not lead to the signed root.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Hashes on the way (%n)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Root of %1 entries</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ContributionSwitch</name>
    <message>
        <source>Nothing of this computer is used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contribute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop contributing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start contributing: this computer works when you do not need it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CopyId</name>
    <message>
        <source>Copy %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EntryChoices</name>
    <message>
        <source>Practice on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Four small nodes train a model together, here, in a few minutes. Nothing leaves the machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join a network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Someone has sent you an invitation, as a text or a QR code.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create a network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found one for friends, a club or a company and invite others to it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EntrySheet</name>
    <message>
        <source>Create a network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join a network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer becomes the first validator. Afterwards you can invite others; there is no central server.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste the invitation you received. It begins with loam:join.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example: Riverside club</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Creating…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Joining…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Joining shares no files of yours. Contribution stays off until you switch it on.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message>
        <source>Working</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trouble</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combining</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sharing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Idle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reward</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vested</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Received</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Penalty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Registered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update submitted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round void</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network founded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validator</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trainer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Honest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad actor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing texts and vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Founding the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the nodes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The nodes are finding one another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combining the updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring on unseen text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paying the rewards</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing the results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cleaning up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You are using the computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On battery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The computer is warm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metered connection</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other programs need the processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switched off by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No network joined yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run is open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catching up with the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1. Resumes at %2</source>
        <extracomment>%1 is a sentence that says why the work waits, %2 a time of day</extracomment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Loam&apos;s node is being started…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loam&apos;s node does not answer; it is being started again. What you see may be old.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NavRail</name>
    <message>
        <source>Pages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wallet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Practice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No network yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n peer(s) connected, directly and encrypted</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Invite</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On its own so far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A network is a group of computers that train together and keep one audit log. There is no central one: join one by invitation, or found your own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>network id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validators</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer is one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invitation as a QR code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whoever has this text or scans this code can join. Send it to people you want in the network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round trip</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Since</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody else is here yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invite someone, or wait: other computers of this network are being looked for.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Onboarding</name>
    <message>
        <source>Welcome to Loam</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Idle computers build an AI that belongs to the people who train it. Yours can be one of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing private takes part</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your files are never read unless you add them yourself. You see first what would be used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your computer stays yours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work happens only when you allow it, at the lowest priority, and stops the moment you need the machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has to be believed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every reward and every decision is in an audit log that you can verify, entry by entry.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contribution is off until you switch it on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look around first</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Part of %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part of a network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for the node</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No network yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1. This computer does not contribute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This network is still small: fewer than four validators keep its log, so it tolerates no bad one among them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plant something</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Once this computer is part of a network, its work, its earnings and the model&apos;s progress appear here. Choose how to begin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earned today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Balance %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rewards for work that others verified since midnight. The reason behind each one is in the wallet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not training now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens of text this computer trains on each second. A token is about four letters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lower is better</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How surprised the model is by the text it trains on. It falls while the model learns.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>connected</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n validator(s) keep the log</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Computers this one talks to now, directly, without a server in between.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The curve begins with the first training step.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PassphraseSheet</name>
    <message>
        <source>Change the passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Present passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Empty if you never set one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New passphrase again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The two differ.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changing…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PaymentRow</name>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PaymentSheet</name>
    <message>
        <source>Why</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Balance afterwards</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From or to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>address</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticeForm</name>
    <message>
        <source>Every node gets different texts and trains on them alone. After each round they exchange what they learned, agree on one model, and are paid for work that helped. Everything stays on this computer and is removed afterwards.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Real programs, each with its own identity and wallet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About half a minute each on two cores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let one node cheat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It sends poisoned updates and votes twice. Watch it being refused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Texts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Public texts that come with the system. Or choose folders with .txt files of your own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your folders, one for each node in turn:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start practice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder with texts</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticeNodes</name>
    <message>
        <source>Node</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticePage</name>
    <message>
        <source>Practice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A whole network on this computer: real nodes, real text, a few minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the practice run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss on text that no node has seen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nats per byte</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first point comes with the end of the first round.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticeRefusals</name>
    <message>
        <source>Refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round %1, %2: %3</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticeResults</name>
    <message>
        <source>Node</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Role</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>audit root</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PracticeVerdict</name>
    <message>
        <source>All honest nodes ended with the same audit log and the same model, to the last bit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The nodes did not end with the same audit log and model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nats per byte</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent by all nodes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hash of the model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunCard</name>
    <message>
        <source>No run is open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run %1, round %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work begins as soon as someone in the network opens one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step %1 of %2 of this round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Between two rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit entries</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>audit root</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps of this round</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SendSheet</name>
    <message>
        <source>Is this right?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The wallet is locked. Its passphrase opens it until Loam&apos;s node ends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address of the receiver</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The address carries a checksum: a mistyped one is refused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Amount in LOAM</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Available: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note (public, may be empty)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check and send…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A payment cannot be taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes apply at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start with the computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loam then waits in the tray. It contributes only if the switch is on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wallet and identity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Protects the keys on this disk. It cannot be recovered, only the 24 words can restore the wallet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The 24 words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They restore wallet, identity and reputation on any computer. Write them on paper.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loam</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 3 or later. Icons: Lucide (ISC). Font: Inter (OFL).</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SideSheet</name>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TextFile</name>
    <message>
        <source>%1 was not written: %2.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WalletPage</name>
    <message>
        <source>Wallet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locked. Unlock it to send.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every payment with the reason behind it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export history as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Available</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Available: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>your address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vesting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part of each of your last ten rewards waits here. It stands for your honesty and becomes available as new rewards come.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Amount</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Balance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Payments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No payments yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rewards for verified work, and what you send and receive, appear here with their reasons.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WordsSheet</name>
    <message>
        <source>The 24 words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whoever knows these words owns the wallet. Nobody from Loam will ever ask for them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Empty if you never set one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I have written them down</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::AuditVm</name>
    <message>
        <source>Entry</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Block</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Node</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Amount</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::PracticeVm</name>
    <message>
        <source>The node went away in the middle of the run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped by you. Everything it made was removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run did not finish.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::RpcNode</name>
    <message>
        <source>The node gave no reason.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::SettingsVm</name>
    <message>
        <source>The window&apos;s settings could not be read; the defaults are in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not understood in the window&apos;s settings, default in use: %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window&apos;s settings could not be saved: %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loam could not be added to the programs that start with the computer: %1.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::Tray</name>
    <message>
        <source>Contribute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause for one hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open Loam</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit (work goes on)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit and stop contributing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The node does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Today: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loam is still here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window is closed; the node goes on as you set it. Right-click the sprout to quit.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>loam::desktop::WalletVm</name>
    <message>
        <source>The amount must be a number above zero, at most six decimals.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 are on their way.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The passphrase is changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Loam: idle computers build a shared AI.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of the node.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start in the tray, without a window.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
