#!/usr/bin/env python3
"""Times torchvision's networks in PyTorch, for comparison with `./kerneldna metrics` and `./kerneldna bench`.

Needs PyTorch and torchvision, for example Debian's python3-torch and python3-torchvision:
    python3 bench/pytorch.py --arch resnet18,mobilenet_v2 --batch 1,8 --threads 2 [--train] [--channels-last]
"""
import argparse
import resource
import statistics
import time

import torch
import torchvision


def milliseconds(step, rounds, warm_up):
    for _ in range(warm_up):
        step()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return times


def inference(net, images):
    net.eval()

    def step():
        with torch.inference_mode():
            net(images)

    return step


def training(net, images):
    net.train()
    labels = torch.arange(len(images)) % 1000
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        sgd.step()

    return step


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", default="resnet18")
    parser.add_argument("--batch", default="8")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--train", action="store_true", help="the training step, in place of inference")
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    what = "training step" if options.train else "inference"
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {what}, milliseconds")
    for arch in options.arch.split(","):
        net = getattr(torchvision.models, arch)()
        for batch in map(int, options.batch.split(",")):
            images = torch.rand(batch, 3, options.image_size, options.image_size)
            if options.channels_last:
                net, images = (x.to(memory_format=torch.channels_last) for x in (net, images))
            step = (training if options.train else inference)(net, images)
            times = milliseconds(step, options.rounds, warm_up=3)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{arch:15s} batch {batch:3d}  median {statistics.median(times):8.1f}  min {min(times):8.1f}"
                  f"  max {max(times):8.1f}  peak resident {peak:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
