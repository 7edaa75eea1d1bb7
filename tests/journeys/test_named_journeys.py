"""An index of the journeys that users name, with the tests of each.

Each test is a story against the sandbox: the initial account, the changed document, the plan, the calls to AWS, and the
final account.
"""

from collections.abc import Mapping
from importlib import import_module

import pytest

JOURNEYS: Mapping[str, tuple[str, ...]] = {
    "the instance type of an autoscaled endpoint is changed": (
        "test_autoscaled_endpoints.test_an_instance_type_is_changed_under_an_autoscaler_in_one_run",
        "test_autoscaled_endpoints.test_a_kill_between_deregistration_and_registration_is_recovered",
    ),
    "a variant is removed under an autoscaler": (
        "test_autoscaled_endpoints.test_a_variant_is_removed_under_an_autoscaler",
    ),
    "a component is scaled by hand while a new configuration rolls out": (
        "test_inference_components.test_a_component_scaled_by_hand_while_a_new_config_rolls_out",
    ),
    "the alarm of a canary fires": (
        "test_guarded_rollouts.test_a_canary_whose_alarm_fires_is_a_failure_that_names_it",
    ),
    "an alarm does not exist": (
        "test_guarded_rollouts.test_an_alarm_that_does_not_exist_stops_the_update",
        "test_preflight.test_all_findings_come_in_one_run",
    ),
    "a job definition is changed under a running schedule": (
        "test_monitoring.test_a_job_definition_changed_under_a_running_schedule",
        "test_monitoring.test_a_change_waits_for_the_execution_at_work",
    ),
    "a domain with a running app is deleted": (
        "test_studio.test_a_domain_with_a_running_app_is_not_deleted",
        "test_studio.test_cascade_deletes_what_users_started",
    ),
    "a notebook is changed while it is InService": (
        "test_notebooks.test_a_notebook_changed_while_in_service",
    ),
    "an image version is rolled into a domain": (
        "test_studio.test_an_image_version_is_rolled_into_a_domain",
    ),
    "a lifecycle configuration in use is deleted": (
        "test_studio.test_a_lifecycle_config_in_use_is_not_deleted",
        "test_lifecycle_configs.test_a_configuration_that_an_instance_names_is_not_deleted",
    ),
    "a HyperPod group is removed": ("test_hyperpod.test_a_hyperpod_group_removed",),
    "a tree with every kind is applied, in any order, and destroyed": (
        "test_everything.test_everything_in_one_run",
        "test_everything.test_any_order_of_files_is_the_same_plan",
    ),
    "a call of that tree fails": ("test_everything.test_any_single_fault_heals_with_the_next_apply",),
    "what was retained is restored": ("test_ownership.test_a_retained_resource_is_adopted_again_by_policy",),
}


@pytest.mark.parametrize("name", [name for names in JOURNEYS.values() for name in names])
def test_each_named_journey_has_its_test(name: str) -> None:
    """A journey whose test was renamed or removed fails here."""
    module, _, function = name.partition(".")
    assert getattr(import_module(f"tests.journeys.{module}"), function).__doc__
