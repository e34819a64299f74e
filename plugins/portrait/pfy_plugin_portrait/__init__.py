"""The portrait plugin: faces found in photos and films, moved, drawn, and their motion measured."""
