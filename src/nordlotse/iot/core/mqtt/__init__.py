"""MQTT 3.1.1 and 5 (OASIS standards): packets, the publishing side of a server, sessions. Nothing is acknowledged before it is safe."""
