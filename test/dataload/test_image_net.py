import io
import tarfile

import numpy as np
import pytest
from file_server import FileServer
from PIL import Image
from scipy.io import savemat

import dataload as dl
from dataload.scripts import download_imagenet, harmonize_imagenet

WNIDS = ["n05", "n02", "n09"]
TRUTH = [3, 1, 1, 2]


def jpeg(value):
    data = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), value, np.uint8)).save(data, "JPEG")
    return data.getvalue()


def tar(files, mode="w"):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


@pytest.fixture
def server():
    fields = ("ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children")
    rows = [(i, wnid, f"thing {i}", "a thing", 0, 0) for i, wnid in enumerate(WNIDS, 1)]
    synsets = np.array(rows, dtype=[(name, object) for name in fields])
    meta = io.BytesIO()
    savemat(meta, {"synsets": synsets})
    train = {
        f"{wnid}.tar": tar({f"{wnid}_{j}.JPEG": jpeg(20 * i + j) for j in range(3)}) for i, wnid in enumerate(WNIDS)
    }
    valid = {f"ILSVRC2012_val_{i:08d}.JPEG": jpeg(50 * label) for i, label in enumerate(TRUTH, 1)}
    kit = {
        "kit/data/meta.mat": meta.getvalue(),
        "kit/data/ILSVRC2012_validation_ground_truth.txt": "\n".join(map(str, TRUTH)).encode(),
    }
    files = {
        download_imagenet.TRAIN: tar(train),
        download_imagenet.VALID: tar(valid),
        download_imagenet.METADATA: tar(kit, "w:gz"),
    }
    with FileServer(files) as server:
        yield server


def test_from_archives_to_batches(server, tmp_path, capsys):
    for _ in range(2):
        download_imagenet.download(tmp_path, server.url, checksums={}, remove=True)
    assert len(server.requests) == 3
    assert harmonize_imagenet.harmonize(tmp_path) == 7
    assert (tmp_path / "ILSVRC2012_img_train" / "n05").exists()
    assert harmonize_imagenet.harmonize(tmp_path, for_real=True) == 7
    capsys.readouterr()
    train, valid = dl.loadImageNet(tmp_path, 2, [3, 24, 24], [3, 16, 16], False)
    assert train.classes == valid.classes == ["class1", "class2", "class3"]
    assert train.classinfo[2]["wnid"] == "n02" and valid.classinfo[3]["words"] == "thing 3"
    targets = np.concatenate([y.copy() for _, _, y in train.subiter(4)])
    assert targets.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    batches = [(x.copy(), y.copy()) for _, x, y in valid.subiter(2)]
    inputs, targets = (np.concatenate(part) for part in zip(*batches))
    assert inputs.shape == (40, 3, 16, 16) and targets.tolist() == [1] * 20 + [2] * 10 + [3] * 10
    np.testing.assert_allclose(inputs.mean((1, 2, 3)), targets * 50 / 255, atol=0.01)


def test_known_checksums_are_compared(server, tmp_path):
    with pytest.raises(ValueError, match="hash"):
        download_imagenet.main(["--savePath", str(tmp_path), "--srcurl", server.url])


def test_the_folder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="download_imagenet"):
        dl.loadImageNet(tmp_path / "nowhere")


def test_classes_are_in_the_order_of_their_numbers(tmp_path, caplog):
    for part in ("ILSVRC2012_img_train", "ILSVRC2012_img_val"):
        for name in ("class10", "class9", "class100"):
            (tmp_path / part / name).mkdir(parents=True)
            (tmp_path / part / name / "x.JPEG").write_bytes(jpeg(9))
    caplog.set_level("INFO", "dataload")
    train, _ = dl.loadImageNet(tmp_path)
    assert train.classes == ["class9", "class10", "class100"] and train.classinfo is None
    assert "harmonize_imagenet" in caplog.text and train.isize() == [3, 224, 224]
