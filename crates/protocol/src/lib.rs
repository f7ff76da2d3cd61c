//! What crosses a wire or sits in a link.
