"""LivePortrait: an animator by implicit keypoints, written for this project from its contract."""
