"""The example hotel's guests: an open stay in each room that has none, so that there is somebody to serve."""

from __future__ import annotations

from itertools import cycle

from concierge.domain.people import SERVICE
from concierge.service.commands import CheckIn
from concierge.service.handlers import Service
from concierge.service.reading import Reading

NAMES = {
    "zh": ("王芳", "李伟", "张敏", "刘洋", "陈杰", "杨静"),
    "en": ("Alice Taylor", "James Wilson", "Emma Clark", "Daniel Lewis", "Grace Walker", "Henry Young"),
}


async def seed(service: Service) -> int:
    """How many stays were opened: none where the property is a real one, or every room has its guest."""
    if not service.world.property.demo:
        return 0
    names = {lang: cycle(some) for lang, some in NAMES.items()}
    opened = 0
    for space in service.world.property.spaces.values():
        name = next(names[space.language], "") if space.language in names else ""
        room, seq = await Reading(service.world).room(space.id)
        if room.stay is None:
            # The room's sequence makes this another command than the seeding of an earlier stay here.
            await service.do(CheckIn(space.id, space.language, name), SERVICE, f"seed-{space.id}-{seq}")
            opened += 1
    return opened
