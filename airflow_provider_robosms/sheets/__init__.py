"""The protocol of a sheet campaign: lock, intents, before-images, and results written where the recipients are now."""
