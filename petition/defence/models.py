"""The random keys under which network addresses are hashed, one a month, destroyed a month later."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.extensions import Base


class NetworkKey(Base):
    """One month's key, itself encrypted; without it the month's hashes cannot be traced to any address."""

    __tablename__ = "network_keys"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
