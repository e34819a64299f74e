"""The noise schedule with which Hallo samples."""

from __future__ import annotations

from diffusers.schedulers.scheduling_ddim import DDIMScheduler


def schedule(steps: int) -> DDIMScheduler:
    """DDIM (Song et al. 2021, eta 0) over ``steps`` of 1,000 training steps, from the last to the first.

    The values are those of Hallo's ``default.yaml``: zero signal at the last training step (Lin et al. 2024:
    rescaled betas, v-prediction, trailing steps), so that 40 steps are 999, 974 ... 49, 24. The betas are
    linear: the code that would make them ``scaled_linear`` runs after its scheduler is built.
    """
    made = DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="linear",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )
    made.set_timesteps(steps)
    return made
