"""Old import paths of the names that the service knows; the same objects as in `onmemos`."""
