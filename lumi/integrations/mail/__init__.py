"""Mail itself, whichever server it lies on: read from its bytes, judged, and written.

Pure: it connects to nothing, and no bytes make it raise."""
