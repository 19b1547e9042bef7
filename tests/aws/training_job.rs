//! A training job for the harness's own tests: a shell script in the place of the training program,
//! named by the job's definition as the API allows it.

use std::time::Duration;

use support::aws::sdk::aws_sdk_sagemaker::Client;
use support::aws::sdk::aws_sdk_sagemaker::operation::create_training_job::CreateTrainingJobError;
use support::aws::sdk::aws_sdk_sagemaker::operation::create_training_job::builders::CreateTrainingJobFluentBuilder;
use support::aws::sdk::aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use support::aws::sdk::aws_sdk_sagemaker::types::{
    AlgorithmSpecification, CheckpointConfig, OutputDataConfig, ResourceConfig, StoppingCondition, TrainingInputMode,
    TrainingInstanceType,
};

use support::aws::{Emulators, SageMakerPart};
use support::new_name;

/// Enough for a script on a busy machine.
pub const SOON: Duration = Duration::from_mins(1);

/// SageMaker's part with the SDK's client for it, and a bucket.
pub struct Stage {
    /// SageMaker's part.
    pub part: SageMakerPart,
    /// The official client.
    pub client: Client,
    /// For channels, models and checkpoints.
    pub bucket: String,
}

impl Stage {
    /// A new one.
    pub async fn new() -> Self {
        let emulators = Emulators::shared();
        let part = emulators.sagemaker_part();
        let client = emulators.sagemaker(&part.url()).await;
        Self { part, client, bucket: emulators.new_bucket() }
    }

    /// A request for a job that runs `script`; without one, `spanishgas train`.
    pub fn job(&self, script: Option<&str>) -> (String, CreateTrainingJobFluentBuilder) {
        let name = new_name("job");
        let mut algorithm =
            AlgorithmSpecification::builder().training_image("training:1").training_input_mode(TrainingInputMode::File);
        if let Some(script) = script {
            algorithm = algorithm.container_entrypoint("sh").container_arguments("-c").container_arguments(script);
        }
        let instance = ResourceConfig::builder().instance_type(TrainingInstanceType::MlM5Large).instance_count(1);
        let output = OutputDataConfig::builder().s3_output_path(format!("s3://{}/models", self.bucket)).build();
        let checkpoints =
            CheckpointConfig::builder().s3_uri(format!("s3://{}/checkpoints/{name}", self.bucket)).build();
        let request = self.client.create_training_job().training_job_name(&name);
        let request = request
            .role_arn("arn:aws:iam::123456789012:role/training")
            .algorithm_specification(algorithm.build())
            .resource_config(instance.volume_size_in_gb(10).build())
            .output_data_config(output)
            .checkpoint_config(checkpoints)
            .stopping_condition(StoppingCondition::builder().max_runtime_in_seconds(600).build());
        (name, request)
    }

    /// Creates such a job; its name.
    pub async fn create(&self, script: Option<&str>) -> String {
        let (name, request) = self.job(script);
        request.send().await.expect("a job can be created");
        name
    }

    /// The job as the API describes it.
    pub async fn describe(&self, name: &str) -> DescribeTrainingJobOutput {
        self.client.describe_training_job().training_job_name(name).send().await.expect("the job is known")
    }

    /// The job as the API describes it, once it has ended.
    pub async fn ended(&self, name: &str) -> DescribeTrainingJobOutput {
        self.part.await_end(name, SOON);
        self.describe(name).await
    }
}

/// The names of the secondary statuses that a job has gone through.
pub fn course(job: &DescribeTrainingJobOutput) -> Vec<&str> {
    job.secondary_status_transitions().iter().map(|it| it.status().expect("it has a name").as_str()).collect()
}

/// The error of a creation that must have been refused.
pub async fn refused(request: CreateTrainingJobFluentBuilder) -> CreateTrainingJobError {
    request.send().await.expect_err("the creation is refused").into_service_error()
}

/// Where the job's model is. The SDK puts an empty text where the answer has none.
pub fn model_uri(job: &DescribeTrainingJobOutput) -> Option<&str> {
    job.model_artifacts()?.s3_model_artifacts().filter(|uri| !uri.is_empty())
}
