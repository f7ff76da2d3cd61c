//! Properties of the picture, checked from outside.
