"""Training of which node 2 ends in a way of its own at the tenth step: ``endings.py WAY``."""

import os
import signal
import sys

import numpy as np

import distlearn


def leave(way, tree, sgd):
    if way == "exception":
        raise OSError("the disk of node 2 is full")
    if way == "sys.exit":
        sys.exit(3)
    if way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "another method":
        tree.scatter(1)
    if way == "other sizes":
        sgd.sumGradients(np.ones((2, 5)))
    if way == "another type":
        sgd.sumGradients(np.ones(10, np.float32))
    if way == "transposed":
        sgd.sumGradients([np.ones((3, 2)).T, np.ones((2, 3))])
    if way == "another setting":
        distlearn.AllReduceSGD(tree, "float16").sumGradients(np.ones(10))
    if way == "backward":
        try:
            with sgd.overlap(Broken(), np.ones(10)):
                raise ArithmeticError("no gradient")
        except ArithmeticError:
            print("went on", flush=True)
    return way == "early end"


class Broken:
    """The part of a module that overlap asks for."""

    def parameters(self):
        return [], []


def main(way):
    tree = distlearn.Tree()
    sgd, grads = distlearn.AllReduceSGD(tree), np.ones(10)
    sgd.synchronizeParameters(np.ones(10))
    for step in range(100000):
        if step == 10 and tree.nodeIndex == 2 and leave(way, tree, sgd):
            break
        sgd.sumGradients(grads)
        grads.fill(1)
    print("ended")


main(sys.argv[1])
