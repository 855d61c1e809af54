"""Every error that onrecord raises on purpose.

OnRecordError
├── TranscriptError      a file is no transcript, or a torn one
├── SourceError          a path, address or feed cannot be read
├── LibraryError         the library cannot be used
│   ├── DamagedLibrary   its file does not hold what was written
│   │   └── DamagedEpisode   the record of one episode is not what was added
│   ├── UnknownEpisode   no episode has this name
│   ├── UnknownSite      no site has this name
│   ├── OtherFormat      the library was written by another version
│   └── OtherEncoder     the library was made with another embedding model
├── EncoderError         an embedding model cannot be loaded or asked
├── QuestionError        a question that cannot be asked
├── CheckError           a draft or a list of quotes cannot be read
├── SiteError            a site cannot be registered like this
├── EvalError            a set of cases, a run or a floor cannot be used
├── SettingsError        a setting is unknown or out of range
├── ServeError           the server cannot start
├── Refused              not now: the same can be asked again later
│   ├── TooOften         a rate or a day's budget is spent
│   └── Overloaded       as much is being answered as can be
└── ModelServerError     the language model's server failed (its kinds: rag.faults)
"""


class OnRecordError(Exception):
    """What went wrong, where, and what to do about it, as one line.

    Args:
        what: what went wrong, without a full stop.
        where: the file, line, address or key it went wrong at.
        fix: what to do, as an imperative without a full stop.
    """

    def __init__(self, what: str, *, where: object = None, fix: str | None = None) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.fix = fix
        message = f"{self.where}: {what}" if self.where else what
        if fix:
            message = f"{message}; {fix}"
        super().__init__(" ".join(message.split()))


class TranscriptError(OnRecordError):
    """A file is no transcript, or a torn one."""


class SourceError(OnRecordError):
    """A path, address or feed cannot be read."""


class LibraryError(OnRecordError):
    """The library cannot be used."""


class DamagedLibrary(LibraryError):
    """What the library's file holds is not what was written."""


class DamagedEpisode(DamagedLibrary):
    """What the record holds of one episode is not what was added."""


class UnknownEpisode(LibraryError):
    """No episode has this name."""


class UnknownSite(LibraryError):
    """No site has this name."""


class OtherFormat(LibraryError):
    """The library was written by another version of onrecord."""


class OtherEncoder(LibraryError):
    """The library was made with another embedding model."""


class EncoderError(OnRecordError):
    """An embedding model cannot be loaded or asked."""


class QuestionError(OnRecordError):
    """A question that cannot be asked."""


class CheckError(OnRecordError):
    """A draft or a list of quotes cannot be read."""


class SiteError(OnRecordError):
    """A site cannot be registered like this."""


class EvalError(OnRecordError):
    """A set of cases, a run or a floor cannot be used."""


class SettingsError(OnRecordError):
    """A setting is unknown or out of range."""


class ServeError(OnRecordError):
    """The server cannot start."""


class Refused(OnRecordError):
    """Not now; `retry_after_s` says when it may be tried again."""

    def __init__(self, what: str, *, retry_after_s: int, fix: str | None = None) -> None:
        super().__init__(what, fix=fix or f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class TooOften(Refused):
    """A rate or a day's budget is spent."""


class Overloaded(Refused):
    """As much is being answered as can be."""


class ModelServerError(OnRecordError):
    """The language model's server failed."""
