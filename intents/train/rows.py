"""Sentences → tensors: the batches of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from intents.classifier.heads import DISHES, ITEMS, PART, TOKEN_AT
from intents.classifier.pieces import Pieces
from intents.train.targets import SKIP, Targets

_F = torch.nn.functional


@dataclass(frozen=True)
class Row:
    """A sentence ready for training."""

    pieces: Pieces
    goal: Targets
    staff: bool


@dataclass(frozen=True)
class Batch:
    """``there`` [B, T] is 1 on real pieces; ``rows``/``inside`` describe the parts (see ``network.Heads.parts``)."""

    ids: Tensor
    words: Tensor
    marks: Tensor
    names: Tensor
    role: Tensor
    there: Tensor
    rows: Tensor
    inside: Tensor
    begins: Tensor
    spans: Tensor
    roles: Tensor
    wanted: Tensor
    heads: dict[str, Tensor]
    items: Tensor
    dishes: Tensor
    asked_items: Tensor
    asked_dishes: Tensor
    """[P, things]: 1 where it is asked whether the part wants the thing: not where its name stands in the words."""


def batch(rows: Sequence[Row]) -> Batch:
    """Pads ``rows`` to one length."""
    longest = max(len(row.pieces.ids) for row in rows)

    def padded(lists: list[list[int]], fill: int = 0) -> Tensor:
        return torch.tensor([one + [fill] * (longest - len(one)) for one in lists])

    parts = [(number, part) for number, row in enumerate(rows) for part in row.goal.parts]
    inside = torch.zeros(len(parts), longest)
    items, dishes = torch.zeros(len(parts), len(ITEMS)), torch.zeros(len(parts), len(DISHES))
    asked_items, asked_dishes = torch.zeros_like(items), torch.zeros_like(dishes)
    intents = PART["intent"]
    for at, (_, part) in enumerate(parts):
        inside[at, part.first : part.last + 1] = 1
        intent = intents[part.heads["intent"]]
        for goal, asked, right, named, among in (
            (items, asked_items, part.items, part.items_named, ("request.items", "order.change")),
            (dishes, asked_dishes, part.dishes, part.dishes_named, ("order.food", "order.change")),
        ):
            goal[at, right] = 1
            if intent in among:
                asked[at, 1:] = 1
                asked[at, named] = 0
    return Batch(
        padded([row.pieces.ids for row in rows]),
        padded([row.pieces.words for row in rows]),
        padded([row.pieces.marks for row in rows]),
        padded([row.pieces.names for row in rows]),
        torch.tensor([int(row.staff) for row in rows]),
        padded([[1] * len(row.pieces.ids) for row in rows]).float(),
        torch.tensor([number for number, _ in parts]),
        inside,
        padded([row.goal.begins for row in rows], SKIP),
        padded([row.goal.spans for row in rows], SKIP),
        padded([row.goal.roles for row in rows], SKIP),
        padded([row.goal.wanted for row in rows], SKIP),
        {name: torch.tensor([part.heads.get(name, SKIP) for _, part in parts]) for name in PART},
        items,
        dishes,
        asked_items,
        asked_dishes,
    )


def loss(token: Tensor, part: Tensor, at: Batch, part_at: dict[str, slice], smooth: float = 0.05) -> Tensor:
    """The sum of every head's loss; ``token`` [B, T, …], ``part`` [P, …]. A wrong piece weighs about as much as a wrong part."""
    known = at.begins != SKIP
    total = _F.binary_cross_entropy_with_logits(token[..., TOKEN_AT["begins"]][..., 0][known], at.begins[known].float())
    total = total * 14
    total = total + 8 * _cross(token[..., TOKEN_AT["span"]].flatten(0, 1), at.spans.flatten(), 0)
    total = total + 2 * _cross(token[..., TOKEN_AT["role"]].flatten(0, 1), at.roles.flatten(), 0)
    for name, where in part_at.items():
        weight = 2.0 if name == "intent" else 1.0
        total = total + weight * _cross(part[:, where], at.heads[name], smooth, share=True)
    own = token[at.rows] + (1 - at.inside)[..., None] * -1e4
    for name, goal, asked in (("item", at.items, at.asked_items), ("dish", at.dishes, at.asked_dishes)):
        best = own[..., TOKEN_AT[name]].amax(1)
        each = _F.binary_cross_entropy_with_logits(best, goal, reduction="none") * asked
        total = total + each.sum() / len(at.rows)
    known = at.wanted != SKIP
    if known.any():
        # one name is an item or a dish, never both: the two scores of "this name is wanted" are one
        scores = token[..., TOKEN_AT["item"]][..., 0][known]
        total = total + 2 * _F.binary_cross_entropy_with_logits(scores, at.wanted[known].float())
    return total


def _cross(scores: Tensor, goal: Tensor, smooth: float, share: bool = False) -> Tensor:
    asked = goal != SKIP
    if not asked.any():
        return scores.sum() * 0
    value = _F.cross_entropy(scores[asked], goal[asked], label_smoothing=smooth)
    return value * (asked.float().mean() if share else 1.0)
