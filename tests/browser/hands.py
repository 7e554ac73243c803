"""What a reader's hand does."""

SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def point(page, box, across=0.5, upward=0.5):
    """Bring a place into view, and move the pointer onto a spot of it given by shares."""
    box.scroll_into_view_if_needed()
    page.evaluate(SETTLED)  # scrolling takes away what was said
    place = box.bounding_box()
    page.mouse.move(
        place["x"] + across * place["width"], place["y"] + (1 - upward) * place["height"]
    )
