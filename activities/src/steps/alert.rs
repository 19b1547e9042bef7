//! Telling people.

use super::World;
use crate::error::Result;
use crate::messages::Alert;

/// Sends an alert once; a repeated activity finds it sent.
pub async fn send_alert(world: &World, alert: Alert) -> Result<bool> {
    Ok(world.alerts.send(&world.lake, &alert).await?)
}
