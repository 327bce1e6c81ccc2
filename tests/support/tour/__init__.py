"""Every screen of the real program, opened one after another and photographed.

`python -m tests.support.tour FOLDER [--size 1366x768] [--scale 2] [--look dark]` takes the pictures
on a screen of its own (Xvfb) and needs nobody to click.
"""
