"""The player: shows the clip library on a wall."""
