"""Machine data: taken in without loss, stored, charted, turned into states, OEE and alarms."""
