"""What every channel of the lab's app answers to: the steps of a session, at each of which it may send something."""

from promptrail.lab.session import Session


class Channel:
    """One way out. A step that a channel does not answer costs nothing.

    Whatever it sends that carries a probe it declares as `Planted` with the message, so that it enters the answer key.
    """

    def __init__(self, session: Session) -> None:
        self.s = session

    async def launched(self) -> None:
        """The app starts; the person has not answered anything yet."""

    async def decided(self, accepted: bool) -> None:
        """The person answered the consent dialog."""

    async def unsent(self, draft: str) -> None:
        """A draft stands in the field, and will be deleted."""

    async def typed(self, prompt: str) -> None:
        """A prompt stands in the field; "send" was not tapped yet."""

    async def sent(self, prompt: str) -> None:
        """The prompt was sent to the chat's own server, and answered."""

    async def helped(self) -> None:
        """The person opened the help."""

    async def closed(self) -> None:
        """The app goes to the background."""
