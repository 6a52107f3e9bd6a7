<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>AboutPage</name>
    <message>
        <source>A picture frame that is alive. Everything happens in this machine: no cloud, no account, no network.</source>
        <translation>Ein Bilderrahmen, der lebt. Alles geschieht in diesem Gerät: keine Cloud, kein Konto, kein Netz.</translation>
    </message>
    <message>
        <source>The portrait on the wall</source>
        <translation>Das Porträt an der Wand</translation>
    </message>
    <message>
        <source>How it was made</source>
        <translation>Wie es entstand</translation>
    </message>
    <message>
        <source>Parts and their licences</source>
        <translation>Bestandteile und ihre Lizenzen</translation>
    </message>
</context>
<context>
    <name>BehavioursPage</name>
    <message>
        <source>What the portrait answers, and what it does by itself. The first rule that fits acts.</source>
        <translation>Worauf das Porträt antwortet und was es von selbst tut. Die erste passende Regel handelt.</translation>
    </message>
    <message>
        <source>The behaviours stay as they were: %1</source>
        <translation>Das Verhalten bleibt, wie es war: %1</translation>
    </message>
    <message>
        <source>%1 · always · rests&#xa0;%2</source>
        <translation>%1 · immer · ruht&#xa0;%2</translation>
    </message>
    <message>
        <source>%1 · %2 of the time · rests&#xa0;%3</source>
        <translation>%1 · in %2 der Fälle · ruht&#xa0;%3</translation>
    </message>
    <message>
        <source>Adjust</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>Wie oft</translation>
    </message>
    <message>
        <source>Rests for</source>
        <translation>Ruht danach</translation>
    </message>
</context>
<context>
    <name>Calibration</name>
    <message>
        <source>Walk about and look at the cross. It should stand straight before your eyes.</source>
        <translation>Gehen Sie umher und blicken Sie auf das Kreuz. Es soll genau vor Ihren Augen stehen.</translation>
    </message>
    <message>
        <source>I stand one metre away</source>
        <translation>Ich stehe einen Meter entfernt</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
</context>
<context>
    <name>CameraPage</name>
    <message>
        <source>Gesture test</source>
        <translation>Gestentest</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Einmessen</translation>
    </message>
    <message>
        <source>Measure the width of the visible picture, say where the lens sits and how it is tilted, then look at the cross: it should stand straight before your eyes wherever you go. If it strays to one side, correct the place of the camera; if it moves too little or too much, the distance.</source>
        <translation>Messen Sie die Breite des sichtbaren Bildes, geben Sie an, wo die Linse sitzt und wie sie geneigt ist, und blicken Sie dann auf das Kreuz: Es soll genau vor Ihren Augen stehen, wohin Sie auch gehen. Weicht es zur Seite ab, berichtigen Sie den Ort der Kamera; bewegt es sich zu wenig oder zu viel, den Abstand.</translation>
    </message>
    <message>
        <source>Show the cross</source>
        <translation>Kreuz zeigen</translation>
    </message>
</context>
<context>
    <name>DiagnosticsPage</name>
    <message>
        <source>All settings in one file</source>
        <translation>Alle Einstellungen in einer Datei</translation>
    </message>
    <message>
        <source>On a stick if one is plugged in, else in the home folder. The PIN is not in it.</source>
        <translation>Auf einem Stick, wenn einer steckt, sonst im Benutzerordner. Die PIN ist nicht dabei.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Sichern</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Einlesen</translation>
    </message>
    <message>
        <source>Last messages</source>
        <translation>Letzte Meldungen</translation>
    </message>
    <message>
        <source>None.</source>
        <translation>Keine.</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>Asked for before this panel opens, so that guests leave it alone.</source>
        <translation>Wird verlangt, bevor sich dieses Feld öffnet, damit Gäste nichts verstellen.</translation>
    </message>
    <message>
        <source>Another PIN</source>
        <translation>Andere PIN</translation>
    </message>
    <message>
        <source>Set a PIN</source>
        <translation>PIN festlegen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>animated</source>
        <translation>animiert</translation>
    </message>
</context>
<context>
    <name>Panel</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>New PIN, %1 to %2 digits</source>
        <translation>Neue PIN, %1 bis %2 Ziffern</translation>
    </message>
</context>
<context>
    <name>PinPad</name>
    <message>
        <source>Erase</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>PortraitsPage</name>
    <message>
        <source>There are no portraits yet.
Put photos into %1; they come alive overnight.</source>
        <translation>Es gibt noch keine Porträts.
Legen Sie Fotos in %1; sie werden über Nacht lebendig.</translation>
    </message>
    <message>
        <source>Portraits</source>
        <translation>Porträts</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>on the wall</source>
        <translation>an der Wand</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Take down</source>
        <translation>Abhängen</translation>
    </message>
    <message>
        <source>Hang up</source>
        <translation>Aufhängen</translation>
    </message>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>Früher</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Später</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>“%1” will be deleted</source>
        <translation>„%1“ wird gelöscht</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>Fewer settings</source>
        <translation>Weniger Einstellungen</translation>
    </message>
    <message>
        <source>More settings</source>
        <translation>Mehr Einstellungen</translation>
    </message>
</context>
<context>
    <name>TextEditor</name>
    <message>
        <source>Capitals</source>
        <translation>Großbuchstaben</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leerzeichen</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Übernehmen</translation>
    </message>
</context>
<context>
    <name>camera</name>
    <message>
        <source>The camera is starting …</source>
        <translation>Die Kamera startet …</translation>
    </message>
    <message>
        <source>The camera watches</source>
        <translation>Die Kamera schaut</translation>
    </message>
    <message>
        <source>The camera is gone; trying again</source>
        <translation>Die Kamera ist weg; neuer Versuch läuft</translation>
    </message>
    <message>
        <source>The picture is black or stands still</source>
        <translation>Das Bild ist schwarz oder steht still</translation>
    </message>
    <message>
        <source>There is no camera</source>
        <translation>Es ist keine Kamera da</translation>
    </message>
    <message>
        <source>The camera is switched off</source>
        <translation>Die Kamera ist ausgeschaltet</translation>
    </message>
    <message>
        <source>Plug one in; it is found by itself. Until then the pointer is the visitor.</source>
        <translation>Stecken Sie eine an; sie wird von selbst gefunden. Bis dahin ist der Mauszeiger der Besucher.</translation>
    </message>
    <message>
        <source>The portrait lives without noticing anybody.</source>
        <translation>Das Porträt lebt, ohne jemanden zu bemerken.</translation>
    </message>
    <message>
        <source>Pictures stay in memory and are never stored or sent.</source>
        <translation>Bilder bleiben im Arbeitsspeicher und werden nie gespeichert oder gesendet.</translation>
    </message>
    <message>
        <source>Nobody is there</source>
        <translation>Niemand ist da</translation>
    </message>
    <message>
        <source>One visitor</source>
        <translation>Ein Besucher</translation>
    </message>
    <message>
        <source>%1 visitors</source>
        <translation>%1 Besucher</translation>
    </message>
    <message>
        <source>No eyes seen</source>
        <translation>Keine Augen zu sehen</translation>
    </message>
    <message>
        <source>Eyes %1 m away</source>
        <translation>Augen %1 m entfernt</translation>
    </message>
</context>
<context>
    <name>facts</name>
    <message>
        <source>Pictures drawn</source>
        <translation>Gezeichnete Bilder</translation>
    </message>
    <message>
        <source>Frames missed in the last second</source>
        <translation>Verpasste Bilder der letzten Sekunde</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Work per picture (99 of 100)</source>
        <translation>Arbeit je Bild (99 von 100)</translation>
    </message>
    <message>
        <source>Drawn by</source>
        <translation>Gezeichnet von</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>Dekoder</translation>
    </message>
    <message>
        <source>FFmpeg, on the processor</source>
        <translation>FFmpeg, auf dem Prozessor</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>%1 % of one core</source>
        <translation>%1 % eines Kerns</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Free disk</source>
        <translation>Freier Plattenplatz</translation>
    </message>
    <message>
        <source>Running for</source>
        <translation>Läuft seit</translation>
    </message>
    <message>
        <source>Portraits</source>
        <translation>Porträts</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation>Gesichert in %1</translation>
    </message>
    <message>
        <source>Taken over from %1</source>
        <translation>Übernommen aus %1</translation>
    </message>
    <message>
        <source>by a generative neural network</source>
        <translation>durch ein generatives neuronales Netz</translation>
    </message>
    <message>
        <source>from the photo&apos;s own pixels, moved by an algorithm</source>
        <translation>aus den Bildpunkten des Fotos, bewegt durch ein Rechenverfahren</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Animated</source>
        <translation>Animiert</translation>
    </message>
    <message>
        <source>Kind of source (IPTC)</source>
        <translation>Art der Quelle (IPTC)</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>Erstellt mit</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <source>weights %1</source>
        <translation>Gewichte %1</translation>
    </message>
    <message>
        <source>instead of %1</source>
        <translation>statt %1</translation>
    </message>
</context>
<context>
    <name>notice</name>
    <message>
        <source>There are no portraits yet. Put photos into the inbox; they come alive overnight.</source>
        <translation>Es gibt noch keine Porträts. Legen Sie Fotos in den Eingang; sie werden über Nacht lebendig.</translation>
    </message>
    <message>
        <source>The library was damaged; an older state of it is shown.</source>
        <translation>Die Bibliothek war beschädigt; ein älterer Stand wird gezeigt.</translation>
    </message>
    <message>
        <source>“%1” cannot move; its still is shown.</source>
        <translation>„%1“ kann sich nicht bewegen; das Standbild wird gezeigt.</translation>
    </message>
    <message>
        <source>No portrait of the library can be shown.</source>
        <translation>Kein Porträt der Bibliothek lässt sich zeigen.</translation>
    </message>
    <message>
        <source>The camera cannot be used. The portrait lives on without it.</source>
        <translation>Die Kamera lässt sich nicht nutzen. Das Porträt lebt ohne sie weiter.</translation>
    </message>
    <message>
        <source>Some of the settings cannot be used: %1</source>
        <translation>Einige Einstellungen lassen sich nicht nutzen: %1</translation>
    </message>
    <message>
        <source>(and %1 more)</source>
        <translation>(und %1 weitere)</translation>
    </message>
    <message>
        <source>A change could not be taken up: %1</source>
        <translation>Eine Änderung ließ sich nicht übernehmen: %1</translation>
    </message>
</context>
<context>
    <name>panel</name>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Portraits</source>
        <translation>Porträts</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Behaviours</source>
        <translation>Verhalten</translation>
    </message>
    <message>
        <source>Quiet hours and light</source>
        <translation>Ruhezeit und Licht</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Too many tries. Wait %1 s</source>
        <translation>Zu viele Versuche. Warten Sie %1 s</translation>
    </message>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
    <message>
        <source>That was not it</source>
        <translation>Das war sie nicht</translation>
    </message>
    <message>
        <source>Enter the PIN</source>
        <translation>PIN eingeben</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>0 % is a flat picture, 100 % what the portrait was made for.</source>
        <translation>0 % ist ein flaches Bild, 100 % das, wofür das Porträt gemacht wurde.</translation>
    </message>
    <message>
        <source>0 % is daylight, 100 % is lamp light.</source>
        <translation>0 % ist Tageslicht, 100 % ist Lampenlicht.</translation>
    </message>
    <message>
        <source>0°</source>
        <translation>0°</translation>
    </message>
    <message>
        <source>180°</source>
        <translation>180°</translation>
    </message>
    <message>
        <source>270°</source>
        <translation>270°</translation>
    </message>
    <message>
        <source>90°</source>
        <translation>90°</translation>
    </message>
    <message>
        <source>A dot in the corner says while the camera watches.</source>
        <translation>Ein Punkt in der Ecke zeigt an, wenn die Kamera schaut.</translation>
    </message>
    <message>
        <source>A new portrait shows itself</source>
        <translation>Ein neues Porträt stellt sich vor</translation>
    </message>
    <message>
        <source>A portrait is hung</source>
        <translation>Ein Porträt wird aufgehängt</translation>
    </message>
    <message>
        <source>A small word in the corner says that the picture is animated.</source>
        <translation>Ein kleines Wort in der Ecke sagt, dass das Bild animiert ist.</translation>
    </message>
    <message>
        <source>Angle of view</source>
        <translation>Bildwinkel</translation>
    </message>
    <message>
        <source>Angle that the camera sees along the longer side of its picture.</source>
        <translation>Winkel, den die Kamera entlang der langen Bildseite sieht.</translation>
    </message>
    <message>
        <source>Answers a raised hand</source>
        <translation>Antwortet auf eine erhobene Hand</translation>
    </message>
    <message>
        <source>Answers a wave</source>
        <translation>Antwortet auf Winken</translation>
    </message>
    <message>
        <source>Around</source>
        <translation>umher</translation>
    </message>
    <message>
        <source>Asleep</source>
        <translation>schlafend</translation>
    </message>
    <message>
        <source>At a time of day</source>
        <translation>Zu einer Uhrzeit</translation>
    </message>
    <message>
        <source>At night</source>
        <translation>In der Nacht</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Automatic is the language of the machine.</source>
        <translation>Automatisch ist die Sprache des Geräts.</translation>
    </message>
    <message>
        <source>Awake after a touch</source>
        <translation>Wach nach Berührung</translation>
    </message>
    <message>
        <source>Badge “animated”</source>
        <translation>Hinweis „animiert“</translation>
    </message>
    <message>
        <source>Bevel</source>
        <translation>Schrägschnitt</translation>
    </message>
    <message>
        <source>Blink</source>
        <translation>Blinzeln</translation>
    </message>
    <message>
        <source>Blinks</source>
        <translation>Blinzeln</translation>
    </message>
    <message>
        <source>Breathing</source>
        <translation>Atmen</translation>
    </message>
    <message>
        <source>Bright</source>
        <translation>heiter</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>Brightness at night</source>
        <translation>Helligkeit in der Nacht</translation>
    </message>
    <message>
        <source>Brightness at night, as a share of the day&apos;s.</source>
        <translation>Helligkeit in der Nacht, als Anteil der Tageshelligkeit.</translation>
    </message>
    <message>
        <source>Brightness in the evening</source>
        <translation>Helligkeit am Abend</translation>
    </message>
    <message>
        <source>Brightness in the evening, as a share of the day&apos;s.</source>
        <translation>Helligkeit am Abend, als Anteil der Tageshelligkeit.</translation>
    </message>
    <message>
        <source>Brightness in those seconds.</source>
        <translation>Helligkeit in dieser Zeit.</translation>
    </message>
    <message>
        <source>Brightness of the picture by day.</source>
        <translation>Helligkeit des Bildes am Tag.</translation>
    </message>
    <message>
        <source>Brightness while dozing</source>
        <translation>Helligkeit beim Dösen</translation>
    </message>
    <message>
        <source>Burn-in protection</source>
        <translation>Schutz vor Einbrennen</translation>
    </message>
    <message>
        <source>Calm</source>
        <translation>Ruhe</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Camera above the middle</source>
        <translation>Kamera über der Mitte</translation>
    </message>
    <message>
        <source>Camera and visitors</source>
        <translation>Kamera und Besucher</translation>
    </message>
    <message>
        <source>Camera is turned</source>
        <translation>Kamera ist gedreht</translation>
    </message>
    <message>
        <source>Camera looks down</source>
        <translation>Kamera blickt nach unten</translation>
    </message>
    <message>
        <source>Camera mirrors</source>
        <translation>Kamera spiegelt</translation>
    </message>
    <message>
        <source>Camera pictures looked at per second while nobody is there.</source>
        <translation>Kamerabilder je Sekunde, solange niemand da ist.</translation>
    </message>
    <message>
        <source>Camera pictures looked at per second while somebody is there; more costs processor time.</source>
        <translation>Kamerabilder je Sekunde, solange jemand da ist; mehr kostet Rechenzeit.</translation>
    </message>
    <message>
        <source>Camera to the right</source>
        <translation>Kamera rechts der Mitte</translation>
    </message>
    <message>
        <source>Clockwise, seen from behind; on a panel hung upright perhaps 90°.</source>
        <translation>Im Uhrzeigersinn, von hinten gesehen; bei hochkant hängendem Bildschirm vielleicht 90°.</translation>
    </message>
    <message>
        <source>Close by itself</source>
        <translation>Von selbst schließen</translation>
    </message>
    <message>
        <source>Colour around a portrait that does not fill the panel.</source>
        <translation>Farbe um ein Porträt, das den Bildschirm nicht füllt.</translation>
    </message>
    <message>
        <source>Colour of the mat</source>
        <translation>Farbe des Passepartouts</translation>
    </message>
    <message>
        <source>Correction of the distance</source>
        <translation>Berichtigung des Abstands</translation>
    </message>
    <message>
        <source>Cutting out</source>
        <translation>Freistellen</translation>
    </message>
    <message>
        <source>Portraits come in random order.</source>
        <translation>Die Porträts kommen in zufälliger Folge.</translation>
    </message>
    <message>
        <source>Portraits from noon until the evening; none chosen means all.</source>
        <translation>Porträts von Mittag bis Abend; keines gewählt heißt alle.</translation>
    </message>
    <message>
        <source>Portraits from the evening until the night; none chosen means all.</source>
        <translation>Porträts vom Abend bis zur Nacht; keines gewählt heißt alle.</translation>
    </message>
    <message>
        <source>Portraits from the morning until noon; none chosen means all.</source>
        <translation>Porträts vom Morgen bis Mittag; keines gewählt heißt alle.</translation>
    </message>
    <message>
        <source>Portraits from the night until the morning; none chosen means all.</source>
        <translation>Porträts von der Nacht bis zum Morgen; keines gewählt heißt alle.</translation>
    </message>
    <message>
        <source>What switches the panel off; automatic takes the first that works.</source>
        <translation>Was den Bildschirm ausschaltet; automatisch nimmt das Erste, das wirkt.</translation>
    </message>
    <message>
        <source>When it wakes.</source>
        <translation>Wann es aufwacht.</translation>
    </message>
    <message>
        <source>Darker corners</source>
        <translation>Dunklere Ecken</translation>
    </message>
    <message>
        <source>Daydreams when alone for long</source>
        <translation>Träumt, wenn es lange allein ist</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translation>Deutsch</translation>
    </message>
    <message>
        <source>Dissolve</source>
        <translation>Überblenden</translation>
    </message>
    <message>
        <source>Distance of the pointer</source>
        <translation>Abstand des Zeigers</translation>
    </message>
    <message>
        <source>Dot while it watches</source>
        <translation>Punkt, solange sie schaut</translation>
    </message>
    <message>
        <source>Double</source>
        <translation>doppelt</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>hinunter</translation>
    </message>
    <message>
        <source>Dozing off</source>
        <translation>Eindösen</translation>
    </message>
    <message>
        <source>Dreamy</source>
        <translation>verträumt</translation>
    </message>
    <message>
        <source>Drift while nobody is there</source>
        <translation>Treiben, wenn niemand da ist</translation>
    </message>
    <message>
        <source>Edge of the mat</source>
        <translation>Kante des Passepartouts</translation>
    </message>
    <message>
        <source>Edge of the mat: none, the cut edge of a cardboard mat, or a thin line.</source>
        <translation>Kante des Passepartouts: keine, die Schnittkante eines Kartons oder eine dünne Linie.</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Enlarging</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Evening</source>
        <translation>Abend</translation>
    </message>
    <message>
        <source>Evenings on which quiet hours begin; none chosen means every day.</source>
        <translation>Abende, an denen die Ruhezeit beginnt; keiner gewählt heißt jeden Tag.</translation>
    </message>
    <message>
        <source>Falling asleep and waking</source>
        <translation>Einschlafen und Aufwachen</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllend</translation>
    </message>
    <message>
        <source>Filling the background</source>
        <translation>Hintergrund füllen</translation>
    </message>
    <message>
        <source>Fist</source>
        <translation>Faust</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Follow the time of day</source>
        <translation>Der Tageszeit folgen</translation>
    </message>
    <message>
        <source>For a panel that hangs turned; clockwise.</source>
        <translation>Für einen gedreht hängenden Bildschirm; im Uhrzeigersinn.</translation>
    </message>
    <message>
        <source>Frames decoded ahead</source>
        <translation>Vorausdekodierte Bilder</translation>
    </message>
    <message>
        <source>Frames decoded ahead of the one on screen.</source>
        <translation>Bilder, die dem gezeigten voraus dekodiert werden.</translation>
    </message>
    <message>
        <source>Frames kept ready</source>
        <translation>Bereitgehaltene Bilder</translation>
    </message>
    <message>
        <source>Frames of every clip that stay decoded, so that it starts at once.</source>
        <translation>Bilder jedes Clips, die dekodiert bleiben, damit er sofort beginnt.</translation>
    </message>
    <message>
        <source>Frames over which one clip morphs into another that it does not continue.</source>
        <translation>Bilder, über die ein Clip in einen anderen übergeht, der ihn nicht fortsetzt.</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Gets bored and looks away</source>
        <translation>Langweilt sich und schaut weg</translation>
    </message>
    <message>
        <source>Glances away</source>
        <translation>Blicke zur Seite</translation>
    </message>
    <message>
        <source>Greets who comes after a while</source>
        <translation>Grüßt, wer nach einer Weile kommt</translation>
    </message>
    <message>
        <source>Grows dreamy before quiet hours</source>
        <translation>Wird vor der Ruhezeit verträumt</translation>
    </message>
    <message>
        <source>Half</source>
        <translation>halb</translation>
    </message>
    <message>
        <source>How deep the portrait breathes while no clip does it; 0 is off.</source>
        <translation>Wie tief das Porträt atmet, solange kein Clip es tut.</translation>
    </message>
    <message>
        <source>How far above the middle of the screen the lens is, in metres.</source>
        <translation>Wie weit die Linse über der Bildschirmmitte sitzt.</translation>
    </message>
    <message>
        <source>How far before the glass the pointer stands while it is the viewer.</source>
        <translation>Wie weit der Zeiger vor dem Glas steht, solange er der Betrachter ist.</translation>
    </message>
    <message>
        <source>How far right of the middle of the screen the lens is, in metres, seen from the front.</source>
        <translation>Wie weit rechts der Bildschirmmitte die Linse sitzt, von vorn gesehen.</translation>
    </message>
    <message>
        <source>How far the camera looks down; negative looks up.</source>
        <translation>Wie weit die Kamera nach unten blickt; negativ nach oben.</translation>
    </message>
    <message>
        <source>How far the eye wanders by itself while nobody is there, as a share of the full way.</source>
        <translation>Wie weit das Auge von selbst wandert, solange niemand da ist.</translation>
    </message>
    <message>
        <source>How long a touch or a key wakes the frame in quiet hours, from the last one on.</source>
        <translation>Wie lange eine Berührung oder Taste den Rahmen in der Ruhezeit weckt.</translation>
    </message>
    <message>
        <source>How long gestures must be held, as a multiple; longer answers fewer chance gestures.</source>
        <translation>Wie lange Gesten gehalten werden müssen; länger antwortet seltener auf Zufälle.</translation>
    </message>
    <message>
        <source>How long one portrait dissolves into the next.</source>
        <translation>Wie lange ein Porträt in das nächste überblendet.</translation>
    </message>
    <message>
        <source>How long the picture takes to fall asleep and to wake.</source>
        <translation>Wie lange das Bild zum Einschlafen und Aufwachen braucht.</translation>
    </message>
    <message>
        <source>How much darker the corners are by day; a little more at night.</source>
        <translation>Um wie viel dunkler die Ecken am Tag sind; nachts etwas mehr.</translation>
    </message>
    <message>
        <source>How often the eyes leave the viewer for a moment; 0 is a stare.</source>
        <translation>Wie oft die Augen den Betrachter kurz verlassen; nie wäre Starren.</translation>
    </message>
    <message>
        <source>How often the library is looked at for something new.</source>
        <translation>Wie oft in der Bibliothek nach Neuem gesehen wird.</translation>
    </message>
    <message>
        <source>Idle</source>
        <translation>Ruhig</translation>
    </message>
    <message>
        <source>In the afternoon</source>
        <translation>Am Nachmittag</translation>
    </message>
    <message>
        <source>In the evening</source>
        <translation>Am Abend</translation>
    </message>
    <message>
        <source>In the morning</source>
        <translation>Am Morgen</translation>
    </message>
    <message>
        <source>In-between pictures</source>
        <translation>Zwischenbilder</translation>
    </message>
    <message>
        <source>Is bright in the morning</source>
        <translation>Ist am Morgen munter</translation>
    </message>
    <message>
        <source>Is moved by love</source>
        <translation>Ist von Liebe gerührt</translation>
    </message>
    <message>
        <source>Is pleased by a thumb up</source>
        <translation>Freut sich über einen Daumen hoch</translation>
    </message>
    <message>
        <source>Is pleased with company</source>
        <translation>Freut sich über Gesellschaft</translation>
    </message>
    <message>
        <source>Is sorry about a thumb down</source>
        <translation>Bedauert einen Daumen runter</translation>
    </message>
    <message>
        <source>Is startled by a fist</source>
        <translation>Erschrickt vor einer Faust</translation>
    </message>
    <message>
        <source>Is surprised</source>
        <translation>Staunt</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Laugh</source>
        <translation>Lachen</translation>
    </message>
    <message>
        <source>Laughs along</source>
        <translation>Lacht mit</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>Light by time of day</source>
        <translation>Licht nach Tageszeit</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>Linie</translation>
    </message>
    <message>
        <source>Living window</source>
        <translation>Lebendiges Fenster</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Blick</translation>
    </message>
    <message>
        <source>Look around</source>
        <translation>Umsehen</translation>
    </message>
    <message>
        <source>Look for new portraits</source>
        <translation>Nach neuen Porträts sehen</translation>
    </message>
    <message>
        <source>Looking it over</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Looks after who goes</source>
        <translation>Schaut nach, wenn jemand geht</translation>
    </message>
    <message>
        <source>Looks around</source>
        <translation>Sieht sich um</translation>
    </message>
    <message>
        <source>Looks around when alone</source>
        <translation>Sieht sich um, wenn es allein ist</translation>
    </message>
    <message>
        <source>Looks up at who comes</source>
        <translation>Blickt auf, wenn jemand kommt</translation>
    </message>
    <message>
        <source>Looks up where a finger points</source>
        <translation>Schaut, wohin ein Finger zeigt</translation>
    </message>
    <message>
        <source>Love</source>
        <translation>Liebe</translation>
    </message>
    <message>
        <source>Margin of `mat`, as a share of the panel&apos;s shorter side; wider below than above.</source>
        <translation>Rand des Passepartouts, als Anteil der kürzeren Seite; unten breiter als oben.</translation>
    </message>
    <message>
        <source>Mean time between two blinks while the portrait looks at somebody.</source>
        <translation>Mittlere Zeit zwischen zwei Lidschlägen, während das Porträt jemanden ansieht.</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Memory for decoded directions of the gaze sheet, in megabytes per portrait.</source>
        <translation>Speicher für dekodierte Blickrichtungen, je Porträt.</translation>
    </message>
    <message>
        <source>Memory for the gaze</source>
        <translation>Speicher für den Blick</translation>
    </message>
    <message>
        <source>Minutes over which one light passes into the next, around those times.</source>
        <translation>Zeit, über die ein Licht in das nächste übergeht.</translation>
    </message>
    <message>
        <source>Morning</source>
        <translation>Morgen</translation>
    </message>
    <message>
        <source>Morph between clips</source>
        <translation>Übergang zwischen Clips</translation>
    </message>
    <message>
        <source>Most pictures drawn per second; software rendering never draws more than 30.</source>
        <translation>Höchstens gezeichnete Bilder je Sekunde; ohne Grafikchip nie mehr als 30.</translation>
    </message>
    <message>
        <source>Most pictures per second</source>
        <translation>Bilder je Sekunde, höchstens</translation>
    </message>
    <message>
        <source>Movement</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Multiplies the measured distance of the visitor.</source>
        <translation>Damit wird der gemessene Abstand des Besuchers malgenommen.</translation>
    </message>
    <message>
        <source>Night</source>
        <translation>Nacht</translation>
    </message>
    <message>
        <source>Nobody is there</source>
        <translation>Niemand ist da</translation>
    </message>
    <message>
        <source>Nod</source>
        <translation>Nicken</translation>
    </message>
    <message>
        <source>Nods back</source>
        <translation>Nickt zurück</translation>
    </message>
    <message>
        <source>Nods off late in the evening</source>
        <translation>Nickt spät am Abend ein</translation>
    </message>
    <message>
        <source>Off leaves the camera closed; the portrait then lives without noticing anybody.</source>
        <translation>Aus lässt die Kamera geschlossen; das Porträt lebt dann, ohne jemanden zu bemerken.</translation>
    </message>
    <message>
        <source>Off leaves the panel lit day and night.</source>
        <translation>Aus lässt den Bildschirm Tag und Nacht leuchten.</translation>
    </message>
    <message>
        <source>Off shows the picture the same by day and by night.</source>
        <translation>Aus zeigt das Bild bei Tag und Nacht gleich.</translation>
    </message>
    <message>
        <source>On for a camera that delivers mirrored pictures.</source>
        <translation>An für eine Kamera, die spiegelverkehrte Bilder liefert.</translation>
    </message>
    <message>
        <source>Only black</source>
        <translation>Nur schwarz</translation>
    </message>
    <message>
        <source>Open palm</source>
        <translation>Offene Hand</translation>
    </message>
    <message>
        <source>Passing over</source>
        <translation>Übergang</translation>
    </message>
    <message>
        <source>Patience with gestures</source>
        <translation>Geduld mit Gesten</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Pictures per second alone</source>
        <translation>Bilder je Sekunde allein</translation>
    </message>
    <message>
        <source>Pictures per second with visitors</source>
        <translation>Bilder je Sekunde mit Besuch</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>Schlicht</translation>
    </message>
    <message>
        <source>Pointer left behind</source>
        <translation>Vergessener Zeiger</translation>
    </message>
    <message>
        <source>Pointing up</source>
        <translation>Zeigefinger</translation>
    </message>
    <message>
        <source>Portraits by time of day</source>
        <translation>Porträts nach Tageszeit</translation>
    </message>
    <message>
        <source>Quiet hours</source>
        <translation>Ruhezeit</translation>
    </message>
    <message>
        <source>Quiet hours are near</source>
        <translation>Die Ruhezeit naht</translation>
    </message>
    <message>
        <source>Random order</source>
        <translation>Zufällige Folge</translation>
    </message>
    <message>
        <source>Reading the photo</source>
        <translation>Foto einlesen</translation>
    </message>
    <message>
        <source>Restoring</source>
        <translation>Restaurieren</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>Saccades</source>
        <translation>Augensprünge</translation>
    </message>
    <message>
        <source>Sad</source>
        <translation>Traurig</translation>
    </message>
    <message>
        <source>Seconds in which the sleeping portrait is still seen, dimly, before the panel goes dark.</source>
        <translation>Wie lange das schlafende Porträt noch schwach zu sehen ist, bevor der Bildschirm dunkel wird.</translation>
    </message>
    <message>
        <source>Seconds without a move after which the pointer counts as gone.</source>
        <translation>Nach so langer Zeit ohne Bewegung gilt der Zeiger als verschwunden.</translation>
    </message>
    <message>
        <source>Shake the head</source>
        <translation>Kopf schütteln</translation>
    </message>
    <message>
        <source>Shakes its head back</source>
        <translation>Schüttelt auch den Kopf</translation>
    </message>
    <message>
        <source>Size of the panel&apos;s texts, as a multiple.</source>
        <translation>Größe der Texte in dieser Bedienung.</translation>
    </message>
    <message>
        <source>Sleep</source>
        <translation>Schlaf</translation>
    </message>
    <message>
        <source>Slow</source>
        <translation>langsam</translation>
    </message>
    <message>
        <source>Smile</source>
        <translation>Lächeln</translation>
    </message>
    <message>
        <source>Smiles back</source>
        <translation>Lächelt zurück</translation>
    </message>
    <message>
        <source>Smiles softly now and then</source>
        <translation>Lächelt hin und wieder leise</translation>
    </message>
    <message>
        <source>Soft</source>
        <translation>leise</translation>
    </message>
    <message>
        <source>Somebody comes</source>
        <translation>Jemand kommt</translation>
    </message>
    <message>
        <source>Somebody leaves</source>
        <translation>Jemand geht</translation>
    </message>
    <message>
        <source>Somebody stays</source>
        <translation>Jemand bleibt</translation>
    </message>
    <message>
        <source>Surprise</source>
        <translation>Staunen</translation>
    </message>
    <message>
        <source>Swipe left</source>
        <translation>Wischen links</translation>
    </message>
    <message>
        <source>Swipe right</source>
        <translation>Wischen rechts</translation>
    </message>
    <message>
        <source>Switching the panel off</source>
        <translation>Bildschirm abschalten</translation>
    </message>
    <message>
        <source>Taking turns</source>
        <translation>Wechsel</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>The portrait&apos;s title stands below it for a while when it comes to the wall.</source>
        <translation>Der Titel steht eine Weile unter dem Porträt, wenn es an die Wand kommt.</translation>
    </message>
    <message>
        <source>This panel</source>
        <translation>Diese Bedienung</translation>
    </message>
    <message>
        <source>Thumb down</source>
        <translation>Daumen runter</translation>
    </message>
    <message>
        <source>Thumb up</source>
        <translation>Daumen hoch</translation>
    </message>
    <message>
        <source>Tilt the head</source>
        <translation>Kopf neigen</translation>
    </message>
    <message>
        <source>Time for each portrait</source>
        <translation>Zeit je Porträt</translation>
    </message>
    <message>
        <source>Time the window takes to follow; shorter is livelier, longer calmer.</source>
        <translation>Zeit, in der das Fenster folgt; kürzer ist lebhafter, länger ruhiger.</translation>
    </message>
    <message>
        <source>Time until the next portrait comes.</source>
        <translation>Zeit, bis das nächste Porträt kommt.</translation>
    </message>
    <message>
        <source>Time without a touch after which this panel closes.</source>
        <translation>Zeit ohne Berührung, nach der sich diese Bedienung schließt.</translation>
    </message>
    <message>
        <source>Title of the portrait</source>
        <translation>Titel des Porträts</translation>
    </message>
    <message>
        <source>Turn the picture</source>
        <translation>Bild drehen</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>hinauf</translation>
    </message>
    <message>
        <source>Victory</source>
        <translation>Victory</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>Wake up</source>
        <translation>Aufwachen</translation>
    </message>
    <message>
        <source>Warmth at night</source>
        <translation>Wärme in der Nacht</translation>
    </message>
    <message>
        <source>Warmth in the evening</source>
        <translation>Wärme am Abend</translation>
    </message>
    <message>
        <source>Wave</source>
        <translation>Winken</translation>
    </message>
    <message>
        <source>Way of the slow circling that spares the panel, as a share of its shorter side; 0 is off.</source>
        <translation>Weg des langsamen Kreisens, das den Bildschirm schont, als Anteil der kürzeren Seite.</translation>
    </message>
    <message>
        <source>When the day begins.</source>
        <translation>Wann der Tag beginnt.</translation>
    </message>
    <message>
        <source>When the house grows quiet.</source>
        <translation>Wann das Haus still wird.</translation>
    </message>
    <message>
        <source>When the lamps are lit.</source>
        <translation>Wann die Lampen angehen.</translation>
    </message>
    <message>
        <source>When the portrait falls asleep.</source>
        <translation>Wann das Porträt einschläft.</translation>
    </message>
    <message>
        <source>Which camera</source>
        <translation>Welche Kamera</translation>
    </message>
    <message>
        <source>Whole</source>
        <translation>Ganz</translation>
    </message>
    <message>
        <source>Whole shows all of it, Fill crops it to the panel, With margin leaves a mat.</source>
        <translation>„Ganz“ zeigt alles, „Füllend“ beschneidet, „Mit Rand“ lässt ein Passepartout.</translation>
    </message>
    <message>
        <source>Width of the mat</source>
        <translation>Breite des Passepartouts</translation>
    </message>
    <message>
        <source>Width of the panel</source>
        <translation>Breite des Bildschirms</translation>
    </message>
    <message>
        <source>Width of the visible panel in metres; a wrong width makes the gaze miss the viewer.</source>
        <translation>Breite des sichtbaren Bildes; eine falsche lässt den Blick am Betrachter vorbeigehen.</translation>
    </message>
    <message>
        <source>Wink</source>
        <translation>Zwinkern</translation>
    </message>
    <message>
        <source>Winks at a victory sign</source>
        <translation>Zwinkert beim Victory-Zeichen</translation>
    </message>
    <message>
        <source>Winks back</source>
        <translation>Zwinkert zurück</translation>
    </message>
    <message>
        <source>Winks, very rarely</source>
        <translation>Zwinkert, sehr selten</translation>
    </message>
    <message>
        <source>With margin</source>
        <translation>Mit Rand</translation>
    </message>
    <message>
        <source>`auto`, a device such as `/dev/video2`, `file:VIDEO` or `folder:PICTURES`.</source>
        <translation>auto, ein Gerät wie /dev/video2, file:VIDEO oder folder:BILDER.</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>at once</source>
        <translation>sofort</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>jeden Tag</translation>
    </message>
    <message>
        <source>flat</source>
        <translation>flach</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>only by hand</source>
        <translation>nur von Hand</translation>
    </message>
</context>
<context>
    <name>units</name>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
</context>
</TS>
