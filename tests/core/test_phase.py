"""The actions of a plan, and their verbs."""

from controller.core.phase import Action


def test_an_action_has_a_verb_of_the_field() -> None:
    """Both orders of a replacement are ``replace``, as in Terraform; no verb is that of a success."""
    verbs = {each: each.verb for each in Action}
    assert verbs[Action.CREATE_BEFORE_DELETE] == verbs[Action.REPLACE] == "replace"
    assert set(verbs.values()) == {
        "no-op", "create", "update", "replace", "delete", "stop", "adopt", "forget", "wait", "blocked",
    }  # fmt: skip


def test_an_action_that_creates_acts() -> None:
    """A creation and both orders of a replacement create a resource."""
    creating = {each for each in Action if each.creates}
    assert creating == {Action.CREATE, Action.REPLACE, Action.CREATE_BEFORE_DELETE}
    assert all(each.acts for each in creating)
