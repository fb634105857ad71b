"""Pictures of the demo's products, drawn here: no photograph of anybody, nothing to download."""

from demo.pictures.draw import draw

__all__ = ["draw"]
