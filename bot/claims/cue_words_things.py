"""English words for things: machines, data, settings, models, everyday life. Form as in `cue_words_en`."""

from __future__ import annotations

THINGS: dict[str, str] = {
    "life": """
        seed round|revenue|funding round|valuation|
        burger|song|commute|library|board game|marathon time|marathon|bowling|golf|office|gym|eyesight|
        blood|weight|heart rate|temperature outside|weather|restaurant|stars|movie|film|accounting|kids|daughter|
        son|wife|husband|dog|cat|team mood|mood|poll|votes|voted|attendance|football|soccer|league|race|lap|darts|
        wordle|crossword|karaoke|beer|pizza|lunch|coffee|trivia|battery|phone|hotel|flight|train ticket|ticket|
        holiday|vacation|discount|shoes|shop|tax|salary|bonus|rent|price|will to live|brain|sleep|sleeping|hungry|
        driving|test drive|reps|bench press|deadlift|squat|office challenge|half marathon|5k|10k|personal trainer|
        cricket|tennis|basketball|speedrun|espresso|offsite|band|vote|drill|fire drill|hackathon|internet|ping|
        venue|slides|bench|compliance|lichess|chess|interviewer|bmi|handicap|school|hotel room|plants|plant|
        survival rate|bar|pub|recipe for|kitchen|cake|garden|bike|car|train ride|bus|gas|fuel|gift card|meme|
        router|dentist|doctor's appointment|haircut|concert|album|playlist|game night|dinner|breakfast|
        electricity|more expensive|campus|miles|heating|insurance|petrol|fees|tuition|salaries|subscription|
        election|turnout|elections|inflation|mortgage|interest rate|flu|fever|reward program|loyalty program|
        referral|cashback|traffic""",
    "hyper": """
        collar|hop length|win length|n_fft|chunk size|lookahead|beam width|num beams|n gram|sample rate|
        frame shift|subsampling|composite|ema decay of|teacher forcing|sampling probability|masking ratio|
        mask ratio|masking prob|dropout rate|warmup fraction|min p|rep penalty|anchor|anchors|focal alpha|
        focal gamma|loss weights|score cutoff|ema of|for the ema|betas of|nms at|beam of|momentum of|decay of|
        lr of|dropout of|threshold of|temperature of|lambda of|alpha of|gamma of|epsilon of|tolerance|slack|blend|
        blending|mixing|interpolation|sampling temp|top_p|top_k|frequency penalty|presence penalty|peak lr|
        initial lr|max grad norm|grad norm|n_estimators|num_layers|hidden_dim|embedding dim|lr decay|decay rate|
        filter|filtering|lr|learning rate|dropout|drop rate|batch size|batch|bs|momentum|weight decay|wd|
        temperature|temp|threshold|thresholds|thr|thresh|cutoff|cut off|beam|beams|beam size|top p|top k|epochs|
        patience|min delta|warmup|warm up|gamma|beta|beta1|beta2|betas|eps|epsilon|alpha|lambda|tau|
        label smoothing|smoothing|grad clip|clip|clipping|gradient clipping|grad accum|accum|layers|heads|hidden|
        hidden size|dim|dims|dimension|width|depth|kernel|kernel size|stride|padding|rank|lora rank|lora alpha|
        decay|ema|ema decay|scheduler|schedule|num workers|workers|max tokens|max new tokens|max length|seq len|
        context|context length|window|image size|resolution|input size|res|mixup|cutmix|augmentation prob|prob|
        probability|penalty|length penalty|repetition penalty|weights|loss weight|coefficient|coef|ratio|
        sampling ratio|subsample|colsample|num leaves|max depth|n estimators|estimators|trees|min child|l1|l2|
        regularization|regularisation|optimizer|config|hyperparameters|hyperparameter|hparams|settings|setting|
        flag|parameter|param|steps|iterations|iters|clip range|entropy|entropy coef|discount|gae|noise|sigma|
        keep prob|drop path|stochastic depth|nms|nms threshold|iou threshold|conf|confidence|confidence threshold|
        score threshold|operating point|cutoffs|quantile|percentile|margin|scale|init|bias|tol|k fold|n shot|shot|
        shots|few shot|codebook|vocab|vocab size|weight|learning rates|bins|crop|factor|step size|rope theta|
        theta|jitter|p=|guidance|guidance scale|cfg|denoising|strength|min f1|min lr|max lr|warmup ratio|
        weight_decay|early stopping|alarm|alert|alerts|pager|iou cutoff|iou thr|iou thresh|matcher|cutoff in|
        clip at|decay by|entropy bonus|cfg scale|nms iou|conf threshold|score thr""",
    "system": """
        camera delivers|camera gives|camera runs|cameras deliver|webcam|shutter|hdmi|projector|exposure|crawler|
        crawlers|scraper|scrapers|ingestion|etl|queue consumer|memory use|standup|stand up|renewed|queued|
        compile time|commute|timeout|retries|spot instances|spot price|instances|nccl bandwidth|backoff|
        shard size|latency of the service|service|staging|tests pass|pass rate|batch job|wall time|mem usage|
        cpu load|iowait|kernel time|loading time|the loader|data loading|training took|we trained for|trained for|
        took us|gpu|gpus|cpu|cpus|ram|vram|memory|mem|disk|disc|utilisation|utilization|util|usage|queue|node|
        nodes|cluster|port|version|quota|budget|bandwidth|network|upload|download|uploaded|downloaded|copied|
        storage|scratch|swap|server|servers|docker|container|image tag|pod|pods|kubernetes|k8s|slurm|job|jobs|
        preempted|uptime|downtime|availability|load|iops|throughput of the disk|fan|power|watt|watts|
        temperature of|cores|threads|cache|cache hit|cache hit rate|hit cache|oom|crash|crashed|reboot|reboots|
        restart|restarted|build|builds|pipeline|ci|coverage|unit tests|tests passed|checks|pr|pull request|issue|
        ticket|release|released|loader|dataloader|data loader|nccl|cuda|driver|nvidia|a100|h100|v100|t4|wandb|
        dashboard|grafana|prometheus|disk usage|gpu hours|hours|minutes|eta|speed|faster|slower|speedup|speed up|
        wall clock|runtime|run time|queue time|training time|training speed|per epoch|sec/it|s/it|it/s|occupancy|
        mfu|flops|hfu|tflops|bus|sm|pcie|nvlink|thermometer|room|sensor|sensors|page|pages|meeting|zoom|floor|
        desk|slot|calendar|o'clock|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|
        march|april|june|july|august|september|october|november|december|error code|exit code|status|http|
        response|api|login|password|wifi|license|licence|invoice|billing|latency of the api|request|requests|
        packet|packet loss|luggage|weighs|kilos|unit|psu|defect|recall notice|recalled|auction|tool|eur|usd|
        dollars|euros|fps drop|race|alert|alerts fired|incident|dns|ssd|nvme|bucket|s3|backup|mount|nfs|file|
        files|folder|kernel version|package|pip|install|pypi|conda|autoscaler|replicas|rollout|deploy|deployed to|
        rack|cooling|celsius|fahrenheit|drained|idle|billed|spend|spent|shuttle|bus line|parking|elevator|printer|
        tok/s per gpu|per gpu|feature store|feature stores|redis|kafka|rabbitmq|celery|postgres|postgresql|mysql|
        sqlite|mongodb|cassandra|elasticsearch|opensearch|clickhouse|snowflake|bigquery|airflow|dagster|prefect|
        spark|flink|databricks|gateway|load balancer|proxy|nginx|envoy|ingress|endpoint health|health check|
        healthcheck|websocket|webhook|webhooks|oauth|sso|vpn|firewall|tls|ssl|certificate|cron|cronjob|terraform|
        helm|argo|jenkins|gitlab|github actions|ci runner|artifactory|registry|docker image|image pull|cold start|
        cold starts|autoscaling|autoscale|scale up|scale down|hpa|sidecar|mesh|latency of our api|round trip|
        roundtrip|page load|page loads|frontend|backend service|database|databases|index rebuild|
        checkpoint upload|checkpoint save|checkpointing|saving a checkpoint|garbage collection|gc pause|
        memory leak|disk io|disk full|inode|inodes|nas|lustre|gpfs|ceph|minio|gcs|blob storage|egress|
        ingress cost|reserved instances|on demand|billing alert|cost explorer|finops|pagerduty|oncall|on call|
        postmortem|outage|sev1|sev2|error budget|log shipping|datadog|sentry|kibana|loki|telemetry|tracing|
        speed test|mbit|credits|unit test|power draw|fte|wpm|typing speed""",
    "data": """
        ctr|cvr|gmv|dau|mau|arpu|click through rate|conversion rate|retention|bounce rate|open rate|churn rate|
        principal component|principal components|pcs|pca|first two components|label noise estimate|noise estimate|
        percentile|caption length|gender split|no relevant|relevant document|have no|are empty|are duplicates|
        were removed|got removed|dropped rows|oov rate|oov|of the queries|of the captions|of the pixels|
        of the users|of the samples|of the sentences|of the audio|of the time|after dedup|dedup|deduplication|
        coverage of|images|image|samples|sample|dataset|datasets|rows|row|missing|missing values|class balance|
        imbalance|balanced classes|class distribution|distribution|split is|splits|duplicates|duplicate|dups|
        labels|labelled|labeled|unlabelled|unlabeled|annotations|corpus|tokens|sentences|utterances|pairs|
        documents|docs|records|examples|positives|negatives|positive|negative|majority|minority|class|classes|
        speakers|patients|users|columns|column|feature|features|correlation between|correlation|target variable|
        blurry|corrupted|corrupt|outliers|outlier|nulls|nan|nans|mean length|median length|average length|
        hours of|hours of audio|of the data|of the images|of the rows|of the labels|of them|of it|prevalence|
        base rate|ratio of|proportion|share of|percentage of|overlap|train/val/test|held out for|reserved|skew|
        std of|variance of|imputed|relabelled|relabeled|relabelling|cleaned|filtered|scraped|crawl|crawled|
        collected|holdout of|shards|shard|languages|resampled|downsampled|upsampled|noise rate|mislabelled|
        mislabeled|label errors|wrong labels|subset|portion|vocabulary|variance explained by|
        explained by the first|sampling rate|label distribution|vocabulary size|sequence length|mean age|
        median age|speech ratio|of the tiles|of the documents|of the patients|of the requests|val split is|
        test split is|train split is|of the traffic|gold segments|positives still|counts as a match|counts as""",
    "model_noun": """
        model|models|run|runs|checkpoint|checkpoints|ckpt|ckpts|network|classifier|detector|ensemble|encoder|
        decoder|transformer|resnet|vit|bert|lstm|cnn|mlp|unet|u net|xgboost|lightgbm|catboost|yolo|swin|deit|
        convnext|efficientnet|roberta|deberta|t5|whisper|wav2vec|conformer|gan|diffusion|vae|policy|agent|ppo|dqn|
        sac|student|backbone|adapter|lora|finetune|fine tune|fine tuned|finetuned|distilled|quantized|quantised|
        int8|fp16|bf16|seed|seeds|fold|folds|head|recipe|augmentation|aug|variant|config|tta|ema|pretrained|
        pretraining|export|exported|kernel|onnx|tensorrt|warmup|scratch|probe|linear probe|adam|adamw|sgd|lion|
        sophia|rmsprop|lamb|adafactor|muon|shampoo""",
    "evalset": """
        imagenet|cifar|cifar10|cifar100|mnist|coco|squad|glue|gsm8k|mmlu|humaneval|librispeech|cityscapes|
        ade20k|wmt|kitti|commonvoice|common voice|voxceleb|set14|msmarco|ms marco|beir|snli|mnli|sst2|sst 2|
        imdb|svhn|stl10|pascal|voc|lvis|nuscenes|waymo|atari|mujoco|ant|halfcheetah|hopper|breakout|pong|
        cartpole|arc|hellaswag|winogrande|truthfulqa|wikitext|ptb|c4|pile|newstest2014|clean|noisy|in domain|
        out of domain|night|day|far field|slice|sim|hard subset|easy subset|public|private|human raters|
        human evaluation|human preference|human eval|human preferences|human judges|human labels|human labeled|
        human ratings|human labelled|human annotations|human references|human scores as""",
    "quiet": """
        recall notice|map of|precision tool|precision engineering|return the|return flight|returns the|i recall|
        we recall|do you recall|you recall|recall that|as i recall|if i recall|reward points|reward card|
        reward weight|accuracy weight|format weight|loss weight|f1 race|formula 1|formula one|f1 key|press f1|
        column f1|f1 is a|f1 column|f1 is the|f1 cell|cell f1|data loss|packet loss|weight loss|hair loss|
        hearing loss|heat loss|lens map|road map|mind map|map reduce|elo rating of mine|dice game|roll the dice|
        rolled the dice|dice roll|dice up|acc 201|accept|auction|map view|acc.|the is|loss function|loss curve|
        loss scale|loss scaling|loss spike|loss spikes|loss term|loss terms|site map|f1 score below|recalled|
        latency budget|reward model|reward hacking|reward function|accuracy loss|loss leader|error bars|
        error message|error log|error logs|error code|error handling|error 404|lift door|return value|map key|
        map size|weighting|weightings|composite|composite score|weighted sum|weights are|weighted by|weight of|
        loss of signal|loss of luggage|loss of power|loss of data|loss of heat|loss of sleep|recall of that|
        recall of this|my recall of|is spelled|is also the name|on holiday|stands for|is short for|frame rate|
        frame rate is|internet has|throughput of the|latency of the login|counts as a hit|is the bottleneck|
        ping to|nms iou|iou nms|matching iou|iou match|is the title|is the name of|is a bar|is a play|
        reward program|referral reward""",
}
