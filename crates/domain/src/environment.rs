//! What states an environment can be in.

use crate::stored::stored_enum;

stored_enum! {
    /// What the platform says an environment is doing.
    "environment status" EnvironmentStatus {
        /// It serves.
        Running = "running",
        /// It was stopped by somebody.
        Stopped = "stopped",
        /// It was put to sleep for want of traffic.
        Sleeping = "sleeping",
    }
}
