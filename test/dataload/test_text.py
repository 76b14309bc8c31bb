import os

import numpy as np
import pytest

import dataload as dl
from dataload.twokenize import split_contractions


def test_vocabulary_in_the_order_of_bytes():
    vocab, ivocab, wordfreq = dl.buildVocab(["é", "b", "B", "b", "a"])
    assert (
        vocab == {"B": 1, "a": 2, "b": 3, "é": 4} and ivocab[3] == "b" and wordfreq == {"B": 1, "a": 1, "b": 2, "é": 1}
    )


def test_rare_words_share_the_last_number():
    vocab, ivocab, wordfreq = dl.buildVocab(["a", "a", "b", "c", "c", "d"], 2)
    assert vocab == {"a": 1, "c": 2, "<OOV>": 3} and wordfreq == {"a": 2, "c": 2, "<OOV>": 2} and ivocab[3] == "<OOV>"
    assert "<OOV>" not in dl.buildVocab(["a", "a"], 2)[0]
    tensor = dl.text2tensor(["c", "b", "zzz", "a"], vocab)
    assert tensor.tolist() == [2, 3, 3, 1] and tensor.dtype == np.int32
    with pytest.raises(KeyError, match="zzz"):
        dl.text2tensor(["zzz"], {"a": 1})


@pytest.mark.parametrize("wrong", ["text", [1, 2], ["a", None]])
def test_only_lists_of_words_make_a_vocabulary(wrong):
    with pytest.raises(TypeError, match="list of strings"):
        dl.buildVocab(wrong)


def test_bigrams_are_relative_frequencies():
    text = np.array([1, 2, 1, 3, 1, 2, 2, 1])
    bigrams = dl.buildBigrams(dl.SequenceLoader(text, 1))
    assert sorted(bigrams) == [1, 2, 3]
    one = dict(zip(bigrams[1]["index"].tolist(), bigrams[1]["prob"].tolist()))
    assert one == {2: pytest.approx(2 / 3), 3: pytest.approx(1 / 3)}
    assert bigrams[1]["index"].dtype == np.int64 and bigrams[1]["prob"].dtype == np.float32
    assert bigrams[3]["index"].tolist() == [1]


def test_small_helpers(tmp_path):
    assert dl.splitString("a:b::c:") == ["a", "b", "c"] and dl.splitString("a,b c", ", ") == ["a", "b", "c"]
    (tmp_path / "x").write_text("1\n2\n3")
    assert dl.getNumberOfLines(tmp_path / "x") == 3
    first, second = dl.uniqueid("me"), dl.uniqueid("me")
    assert first != second and first.split(":")[0] == "me" and dl.uniqueid(None, "-").startswith(dl.hostname() + "-")
    assert os.path.basename(dl.DATA_PATH) == "data" or "DEEP_DATA_PATH" in os.environ


@pytest.mark.parametrize(
    "tweet, words",
    [
        ("I love it!!! :) :-D", ["I", "love", "it", "!!!", ":)", ":-D"]),
        ("RT @bob_1: see http://t.co/aB3?x=1, ok", ["RT", "@bob_1", ":", "see", "http://t.co/aB3?x=1", ",", "ok"]),
        ("www.foo.com/bar. next", ["www.foo.com/bar", ".", "next"]),
        ("#win #2nd at 3:30pm on 12/25", ["#win", "#2nd", "at", "3:30pm", "on", "12", "/", "25"]),
        ("$5.00 is 50% of 1,000", ["$5.00", "is", "50%", "of", "1,000"]),
        ("don't can't l'été", ["don't", "can't", "l'été"]),
        ("the U.S.A. vs. Mr. X...", ["the", "U.S.A.", "vs.", "Mr.", "X", "..."]),
        ("I &lt;3 you &amp; me", ["I", "<3", "you", "&", "me"]),
        ("so sad :( =/ ;_; ^^", ["so", "sad", ":(", "=/", ";_;", "^^"]),
        ("a.b@c-d.org wrote", ["a.b@c-d.org", "wrote"]),
        ("well-known -- yes -> no", ["well-known", "--", "yes", "->", "no"]),
        ("", []),
    ],
)
def test_tweets_are_cut_into_words(tweet, words):
    assert dl.tokenize(tweet) == words


def test_no_character_of_a_tweet_is_lost():
    tweet = "Ünïcode ☃☃ (x) [y] {z} ~~ __ || \\o/ 8) e=mc2 @ # 'q' \"r\" … 日本語"
    assert "".join(dl.tokenize(tweet)) == tweet.replace(" ", "")


def test_contractions_can_be_split():
    assert split_contractions(["can't", "we've", "cat", "it's"]) == ["ca", "n't", "we", "'ve", "cat", "it", "'s"]
