"""Words of tweets.

The rules are those published with TweetMotif (O'Connor, Krieger and Ahn, ICWSM 2010) and the CMU tweet tagger (Gimpel
et al., ACL 2011): addresses, smileys, hashtags, names, times, numbers, abbreviations, hearts and arrows stay in one
piece, punctuation is cut off words, repeated marks stay together.
"""

from __future__ import annotations

import html
import re

_URL = r"(?:https?://|www\.)[^\s<>\"']*[^\s<>\"'.,;:!?()\[\]]|\b[a-z0-9-]+\.(?:com|org|net|edu|gov|ly|co|fm|me|tv|uk|de)\b(?:/[^\s<>\"']*[^\s<>\"'.,;:!?()])?"
_MAIL = r"[\w.+-]+@[\w-]+\.[\w.-]*\w"
_EYES, _NOSE = r"[:;=8xX]", r"(?:[-o'^]|')?"
_SMILEY = (
    rf"(?<![0-9A-Za-z]){_EYES}{_NOSE}(?:[)\]D3]+|[(\[/\\|]+|[pPdDoO](?![a-zA-Z])|[*@$]+(?!\w))"
    rf"|[(\[/\\]+{_NOSE}[:;=8](?![0-9A-Za-z])"
    r"|(?<!\w)[;T]_+[;T](?!\w)|[\^>oO-][._-]{1,2}[\^<oO-](?!\w)|\^\^|<3+|</+3+|<[=-]+>?|[=-]+>|\(:|\):"
)
_TAG = r"#[\w_]*[^\W\d][\w_]*"
_NAME = r"@\w+"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ap]m)?(?!\w)"
_NUMBER = r"[$£€]?\d+(?:[.,]\d+)*%?(?!\w)|\d+(?:st|nd|rd|th)\b"
_ABBREVIATION = r"(?:[A-Za-z]\.){2,}|\b(?:mr|mrs|ms|dr|sr|jr|rep|sen|st|vs|etc)\.(?=\s)"
_ENTITY = r"&(?:amp|lt|gt|quot|#\d+);"
_WORD = r"[^\W_]+(?:['’´-][^\W_]+)*'?(?<!')|[^\W_]+"
_MARKS = r"\.{2,}|[!?]+|['\"“”‘’]+|[,;:.…]+|[-—–]+|[*_~]+|[()\[\]{}<>|/\\]|\S"

_TOKEN = re.compile(
    "|".join((_URL, _MAIL, _SMILEY, _TAG, _NAME, _TIME, _NUMBER, _ABBREVIATION, _ENTITY, _WORD, _MARKS)),
    re.IGNORECASE,
)
_CONTRACTION = re.compile(r"(?i)^(\w+)(n['’]t|['’](?:ve|ll|d|re|s|m))$")


def tokenize(tweet: str) -> list[str]:
    """The words and marks of ``tweet``, in order.

    >>> tokenize("@ann I can't wait :) http://t.co/x1 #fun!!")
    ['@ann', 'I', "can't", 'wait', ':)', 'http://t.co/x1', '#fun', '!!']
    """
    return _TOKEN.findall(html.unescape(html.unescape(tweet)))


def split_contractions(tokens: list[str]) -> list[str]:
    """``tokens`` with contracted verbs as words of their own: ``can't`` as ``ca``, ``n't``."""
    pieces = (_CONTRACTION.match(token) for token in tokens)
    return [part for token, found in zip(tokens, pieces) for part in (found.groups() if found else (token,))]
