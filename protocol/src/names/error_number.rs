//! The error numbers: one table of names, retries and advice. The pages are in `docs/errors/`.

use churn::Kind;

/// Whether the same step is tried again after a failure with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// The input or the settings must change first.
    Never,
    /// The world may be better in a moment.
    Always,
    /// It depends on what happened, as these words say; the error itself decides.
    Depends(&'static str),
}

impl Retries {
    /// The words of the list of errors.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Never => "no",
            Self::Always => "yes",
            Self::Depends(words) => words,
        }
    }
}

macro_rules! error_numbers {
    ($($number:ident $name:ident [$retries:expr] $summary:literal, $advice:literal;)+) => {
        /// Every failure that an operator can see. A number is never given to another error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorNumber {
            $(#[doc = concat!("`", stringify!($number), "`: ", $summary, ".")] $name,)+
        }

        impl ErrorNumber {
            /// All of them, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The number as text: `SG0001`.
            pub fn number(self) -> &'static str {
                match self { $(Self::$name => stringify!($number),)+ }
            }

            /// The name: `BadData`.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Number and name, as the type of a failure in Temporal: `SG0001 BadData`.
            pub fn type_name(self) -> &'static str {
                match self { $(Self::$name => concat!(stringify!($number), " ", stringify!($name)),)+ }
            }

            /// What has happened, in one sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)+ }
            }

            /// What to do first.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)+ }
            }

            /// Whether the same step is tried again.
            pub fn retries(self) -> Retries {
                match self { $(Self::$name => $retries,)+ }
            }
        }
    };
}

use Retries::{Always, Depends, Never};

error_numbers! {
    SG0001 BadData [Never] "a raw file or a table holds something that its format or grain forbids",
        "correct the rows that the message names, then start again";
    SG0002 ContractViolation [Never] "a table breaks its contract in a way that blocks",
        "read the quality report of the run; correct the data, or the contract in column_registry.yaml";
    SG0003 UnusableSettings [Never] "a configuration file or a setting of the run cannot be used",
        "correct the setting that the message names; `spanishgas config check` shows all problems at once";
    SG0004 FileTrouble [Depends("yes, except what only a person can change")] "a local file could not be read or written",
        "make room on the disk, or give the worker the rights to its scratch folder";
    SG0005 TableOperation [Never] "a stored table lacks a column, has another type, or is damaged",
        "start again with `force`, so that the table is made again";
    SG0006 ModelTrouble [Never] "the model could not be trained, loaded or applied",
        "read the message: too few churners, a setting of the training, or a damaged model";
    SG0007 Stopped [Depends("shown as a cancellation")] "the computation was asked to stop",
        "nothing: somebody cancelled the run or stopped the worker";
    SG0008 MissingObject [Never] "an object that must be in the lake is not there",
        "put the object where the message says, or correct the key";
    SG0009 PointerMoved [Always] "somebody else moved a pointer at the same time",
        "nothing: the step looks again";
    SG0010 LakeUnreachable [Always] "the storage of the lake failed or refused",
        "look at the disk or the bucket; the step goes on as soon as it answers";
    SG0011 UnreadableObject [Never] "an object of the lake is not what it must be",
        "restore the object; its page says which may be deleted instead";
    SG0012 TrainingFailed [Never] "the training job ended with an error of its own",
        "read the reason in the message; it is the training's own";
    SG0013 TrainingInterrupted [Always] "the training job was ended from outside",
        "nothing at first; look for memory when it happens again";
    SG0014 TaskLost [Depends("not after a panic")] "a computation ended without a result",
        "report it with the worker's log: it is a bug";
    SG0015 BadInput [Never] "the workflow was started with unusable input",
        "start it again with the input that the message shows";
    SG0016 ActivityFailed [Never] "Temporal ended an activity: it timed out or could not run",
        "see whether workers poll all task queues, then start again";
    SG0017 ChampionChanged [Never] "other runs moved the champion again and again while this one compared or scored",
        "let runs not overlap, then start again";
    SG0018 ServiceUnavailable [Always] "an AWS service was throttled, slow, broken or out of reach",
        "nothing at first; look at the status of AWS and at the network";
    SG0019 CredentialsExpired [Always] "the session token of a call to AWS is too old",
        "renew the credentials, unless a role renews them";
    SG0020 CredentialsRefused [Never] "no credentials, or AWS does not know them",
        "give the worker credentials by role, profile or variable";
    SG0021 AccessDenied [Never] "a role lacks a permission",
        "grant the action that the message names; configs/permissions.yaml lists what each role needs";
    SG0022 MissingResource [Never] "a bucket, topic or model package group is not there",
        "create it, or correct its name or the region in aws.yaml";
    SG0023 QuotaReached [Never] "a quota of the AWS account is reached",
        "ask AWS for a higher quota, or choose another instance type";
    SG0024 RequestRefused [Never] "AWS does not accept a request as it is",
        "correct the setting that the message names";
    SG0025 DamagedObject [Always] "an object arrived with other content than its digest says",
        "restore the object if it stays so";
    SG0026 TrainingStopped [Never] "a SageMaker job was stopped, or ran out of time",
        "find out who stopped it, or raise max_runtime_secs";
    SG0027 NotPromotable [Never] "a version cannot become champion, be withdrawn or reinstated by hand",
        "look at `spanishgas models list`; the message says what this version needs first";
    SG0028 InputChanged [Never] "a raw file is not the one that the run began with",
        "start again: a run of its own takes the files as they are now";
    SG0029 TableDamaged [Depends("no; the run goes back to the snapshot")] "an object that the pipeline wrote is not what was written",
        "look at the storage; a table is made again by itself";
    SG0030 OtherLake [Never] "the run was started for another lake than the worker serves",
        "start a worker for that lake, or start the run for this one";
    SG0031 OtherData [Never] "the raw files are not those that the run was started for",
        "start again: the files of now get a run of their own";
    SG0032 RunTimedOut [Never] "a run took longer than it may",
        "add workers or raise run_limit_secs; finished stages are found again";
    SG0034 NoProgress [Depends("twice")] "a training process told of no progress for too long",
        "raise --training-patience-secs if a round really takes longer";
    SG0035 UnsafeKey [Never] "a name that would lead out of the lake",
        "rename the object, or correct the key";
    SG0036 PoisonedInput [Never] "two workers died while they read the same input",
        "read the end of their logs and replace the input";
    SG0037 BudgetReached [Never] "the SageMaker jobs of a run were charged up to the limit",
        "find out why jobs were repeated, or raise training.max_cost_usd";
    SG0038 LakeUnusable [Never] "the file system refuses until a person does something",
        "do what the message says, then start again";
    SG0039 WrongRegion [Never] "the lake's bucket is in another region than the one that was asked",
        "set the bucket's region in aws.yaml, or choose a bucket of this one";
    SG0041 OtherSettings [Never] "the worker's settings are not those that the run was started for",
        "give all workers of a queue the same --config, then start again";
    SG0042 UntrustedModel [Never] "models are signed, and one has no signature that fits",
        "find out who wrote the model's files; verify it, then sign it, or roll back to another";
    SG0043 OtherChampion [Never] "another version is champion than a change by hand was asked for",
        "look at `spanishgas models history`, then ask again";
    SG0044 UnguardedDashboard [Never] "the dashboard would listen for others, and nobody would check who asks",
        "give token files or the load balancer's settings, or listen at 127.0.0.1";
    SG0045 WeakSecret [Never] "a file with a token or a key holds something that can be guessed, or that tells no roles apart",
        "make another one: openssl rand -hex 32";
    SG0046 LabelMisfit [Never] "a training looks from a date that the labels are not of",
        "train as of the label's date, deliver labels of the date, or correct label.date in model.yaml";
}

impl ErrorNumber {
    /// The number of a computation's failure.
    pub fn of_computation(error: &churn::Error) -> Self {
        match error {
            churn::Error::Data(_) => Self::BadData,
            churn::Error::Contract { .. } => Self::ContractViolation,
            churn::Error::Settings { .. } => Self::UnusableSettings,
            churn::Error::File { .. } => Self::FileTrouble,
            churn::Error::Table { .. } => Self::TableOperation,
            churn::Error::Model { .. } => Self::ModelTrouble,
            churn::Error::Cancelled => Self::Stopped,
        }
    }

    /// The number that a failure's type names, if it is one of ours.
    pub fn parse(type_name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|number| number.type_name() == type_name)
    }

    /// Whether the same step may succeed when it is tried again, where the number alone decides.
    pub fn kind(self) -> Option<Kind> {
        match self.retries() {
            Never => Some(Kind::Permanent),
            Always => Some(Kind::Retry),
            Depends(_) => None,
        }
    }

    /// The page that explains it, in the repository.
    pub fn page(self) -> String {
        format!("docs/errors/{}.md", self.number())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_number_has_a_page_under_its_name_and_every_page_a_number() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for number in ErrorNumber::ALL {
            let page = std::fs::read_to_string(repository.join(number.page())).unwrap();
            assert!(
                page.starts_with(&format!("# {}", number.type_name())),
                "{} is not about {number:?}",
                number.page()
            );
            assert_eq!(ErrorNumber::parse(number.type_name()), Some(*number));
        }
        let pages = std::fs::read_dir(repository.join("docs/errors")).unwrap();
        let pages = pages.filter(|page| page.as_ref().unwrap().file_name().to_string_lossy().starts_with("SG")).count();
        assert_eq!(pages, ErrorNumber::ALL.len());
    }

    #[test]
    fn numbers_are_in_order_and_used_once() {
        let numbers: Vec<_> = ErrorNumber::ALL.iter().map(|number| number.number()).collect();
        assert!(numbers.is_sorted() && numbers.windows(2).all(|pair| pair[0] != pair[1]), "{numbers:?}");
    }
}
