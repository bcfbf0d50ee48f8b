<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>AuditPage</name>
    <message numerus="yes">
        <source>Signed by %n validator(s)</source>
        <translation>
            <numerusform>Signed by %n validator</numerusform>
            <numerusform>Signed by %n validators</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>AuditSheet</name>
    <message numerus="yes">
        <source>Hashes on the way (%n)</source>
        <translation>
            <numerusform>Hash on the way (%n)</numerusform>
            <numerusform>Hashes on the way (%n)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message numerus="yes">
        <source>%n consent(s) in force. You can end each at any time.</source>
        <translation>
            <numerusform>%n consent in force. You can end it at any time.</numerusform>
            <numerusform>%n consents in force. You can end each at any time.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message numerus="yes">
        <source>%n model(s) on this computer and in the network&apos;s runs</source>
        <translation>
            <numerusform>%n model on this computer and in the network&apos;s runs</numerusform>
            <numerusform>%n models on this computer and in the network&apos;s runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message numerus="yes">
        <source>%n peer(s) connected, directly and encrypted</source>
        <translation>
            <numerusform>%n peer connected, directly and encrypted</numerusform>
            <numerusform>%n peers connected, directly and encrypted</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message numerus="yes">
        <source>%n validator(s) keep the log</source>
        <translation>
            <numerusform>%n validator keeps the log</numerusform>
            <numerusform>%n validators keep the log</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>loam::desktop::DataVm</name>
    <message numerus="yes">
        <source>%n token(s) would be used.</source>
        <translation>
            <numerusform>%n token would be used.</numerusform>
            <numerusform>%n tokens would be used.</numerusform>
        </translation>
    </message>
</context>
</TS>
