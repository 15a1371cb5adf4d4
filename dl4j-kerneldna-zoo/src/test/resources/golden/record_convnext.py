"""Records models/convnext_tiny-static and models/convnext_tiny-kerneldna (torch 1.13, torchvision 0.14).

The static network is torchvision's. With KernelDNA the first block of each pair of its third and fourth stage
takes its pointwise kernels from the second: child = parent * (1 + filter modulation), input times the gate.
"""
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import convnext_tiny

PAIRS = {"features.5": 4, "features.7": 1}


def uniform(name, count):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**24


def filled(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if "static_" in name and "attn" in name or name.endswith("running_mean"):
        x = (u - 0.5) * 0.2
    elif name.endswith("running_var"):
        x = 0.75 + 0.5 * u
    elif len(shape) >= 2:
        x = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:]))
    else:
        x = (u - 0.5) * 0.2 if name.endswith(".bias") else 0.75 + 0.5 * u
    return torch.from_numpy(x.astype(np.float32).reshape(shape))


class Gate(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        self.se = nn.Module()
        self.se.fc1 = nn.Conv2d(channels, channels // ratio, 1, bias=False)
        self.se.bn = nn.BatchNorm2d(channels // ratio)
        self.se.fc2 = nn.Conv2d(channels // ratio, channels, 1)

    def forward(self, x):
        mean = x.mean((1, 2))[:, :, None, None]
        g = torch.sigmoid(self.se.fc2(F.relu(self.se.bn(self.se.fc1(mean)))))
        return x * g[:, None, None, :, 0, 0]


class ChildBlock(nn.Module):
    """Replaces a block; activations inside are channels last, as in torchvision's."""

    def __init__(self, plain, parent):
        super().__init__()
        channels = plain.layer_scale.shape[0]
        self.layer_scale = plain.layer_scale
        self.static_filter_attn1 = nn.Parameter(torch.zeros(1, 4 * channels, 1, 1, 1))
        self.static_filter_attn3 = nn.Parameter(torch.zeros(1, channels, 1, 1, 1))
        self.block = plain.block
        self.block[3].weight = self.block[5].weight = None
        self.se1 = Gate(channels, 4)
        self.se3 = Gate(4 * channels, 24)
        self.parent = [parent]

    def forward(self, x):
        kernel = lambda i, f: self.parent[0].block[i].weight * (1 + f.reshape(-1, 1))
        y = self.block[2](self.block[0](x).permute(0, 2, 3, 1))
        y = F.linear(self.se1(y), kernel(3, self.static_filter_attn1), self.block[3].bias)
        y = F.linear(self.se3(F.gelu(y)), kernel(5, self.static_filter_attn3), self.block[5].bias)
        return x + self.layer_scale * y.permute(0, 3, 1, 2)


def network(customize):
    net = convnext_tiny()
    if customize:
        for stage, pairs in PAIRS.items():
            blocks = net.get_submodule(stage)
            for i in range(1, 2 * pairs, 2):
                blocks[i] = ChildBlock(blocks[i], blocks[i + 1])
    for name, tensor in net.state_dict().items():
        tensor.copy_(filled(name, tensor.shape) if tensor.dim() else torch.tensor(0))
    return net.eval()


def run(net, x, precision):
    net, x = net.to(precision), x.to(precision)
    stages = []
    macs = 0

    def stage(name):
        return lambda module, given, y: stages.append(
            {"stage": name, "shape": list(y.shape), "mean": float(y.mean()), "abs_max": float(y.abs().max())})

    hooks = [module.register_forward_hook(stage(f"features.{i}")) for i, module in enumerate(net.features)]
    with torch.no_grad():
        logits = net(x)
    for hook in hooks:
        hook.remove()
    return logits, stages


def macs(net):
    total = 0
    linear, conv2d = F.linear, F.conv2d

    def count(function):
        def counted(x, weight, *rest):
            nonlocal total
            y = function(x, weight, *rest)
            total += y.numel() * weight[0].numel()
            return y
        return counted

    F.linear, F.conv2d = count(linear), count(conv2d)
    try:
        with torch.no_grad():
            net(torch.zeros(1, 3, 224, 224))
    finally:
        F.linear, F.conv2d = linear, conv2d
    return total


def record(customize):
    case = "convnext_tiny-" + ("kerneldna" if customize else "static")
    net = network(customize)
    total = macs(net)
    x = torch.from_numpy((2 * uniform("input", 2 * 3 * 224 * 224) - 1).astype(np.float32).reshape(2, 3, 224, 224))
    single, _ = run(net, x, torch.float32)
    double, stages = run(net, x, torch.float64)
    largest = float(double.abs().max())
    error = float((single.double() - double).abs().max()) / largest
    buffers = {name for name, _ in net.named_buffers()}
    folder = pathlib.Path(__file__).parent / "models" / case
    folder.mkdir(exist_ok=True)
    np.save(folder / "logits.npy", double.numpy().astype(np.float32))
    (folder / "case.json").write_text(json.dumps({
        "case": case, "arch": "convnext_tiny", "customize": customize, "mode": "eval",
        "input": {"name": "input", "shape": [2, 3, 224, 224]},
        "parameters": sum(p.numel() for p in net.parameters()),
        "macs": total,
        "tensors": [{"name": "logits", "role": "logits", "shape": [2, 1000], "dtype": "float32",
                     "file": "logits.npy", "max_abs": largest, "float32_error": error}],
        "stages": stages,
        "state_dict": [{"name": name, "shape": list(t.shape), "kind": "buffer" if name in buffers else "parameter"}
                       for name, t in net.state_dict().items()],
    }, indent=1))
    print(case, sum(p.numel() for p in net.parameters()), total, error, double.argmax(1).tolist(),
          float((double[0] - double[1]).abs().max()))


if __name__ == "__main__":
    torch.set_num_threads(1)
    record(False)
    record(True)
