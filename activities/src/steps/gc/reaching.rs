//! Whether anything reaches more than at the look: the pointers and the index of the runs, as they were and as they are.

use lake::{Lake, Version, keys};

use crate::error::Result;

/// What moves when a run that has ended, or a person, reaches something new.
const POINTERS: [&str; 4] = [keys::PUBLISHED, keys::LATEST_SCORES, keys::LATEST_MONITORING, keys::CHAMPION];

/// All that must not have moved since the look. A few small calls: it is compared before every folder that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaching {
    pointers: Vec<Option<Version>>,
    /// The months of the index with their stamps: a run that ends writes its line.
    runs: Vec<(String, String)>,
}

impl Reaching {
    /// As it is now. At a look it is taken first: what moves while the lake is read counts as moved.
    pub async fn of(lake: &Lake) -> Result<Self> {
        let mut pointers = Vec::new();
        for key in POINTERS {
            pointers.push(lake.head(key).await?.map(|head| head.version));
        }
        let index = lake.list(keys::RUN_INDEX).await?;
        let runs = index.into_iter().map(|month| (month.key, month.stamp)).collect();
        Ok(Self { pointers, runs })
    }
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    #[tokio::test]
    async fn a_pointer_that_moves_and_a_run_that_ends_are_seen() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let mut seen = Reaching::of(&lake).await.unwrap();
        let moved = [POINTERS.to_vec(), vec!["runs/index/2024-12.json", "runs/index/2025-01.json"]].concat();
        for key in moved {
            for content in ["first", "second, of another length"] {
                lake.put(key, content.into()).await.unwrap();
                let now = Reaching::of(&lake).await.unwrap();
                assert_ne!(now, seen, "{key}: {content}");
                seen = now;
            }
        }
        lake.put("scored/scores/0123456789ab/scores.parquet", b"of a run at work".to_vec()).await.unwrap();
        assert_eq!(Reaching::of(&lake).await.unwrap(), seen);
    }
}
