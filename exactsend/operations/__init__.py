"""What an administrator runs beside the sync: the doctor, the probe, monitoring and notifications."""
