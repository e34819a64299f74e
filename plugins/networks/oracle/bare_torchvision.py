"""Lets torchvision be imported where its native operators cannot be loaded, as beside a CPU build of torch.

They are declared, and never called: import this before torchvision.
"""

import torch

LIBRARY = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
