"""The words for metrics and splits, in the languages teams write in: canonical name → phrases.

Phrases are lower case without accents; a space stands for a blank, a hyphen, an underscore or nothing.
`other` are metrics that no claim is made of, `generic` words for "the metric" that name none.
"""

from __future__ import annotations

RATIO = frozenset(
    """accuracy top5_accuracy f1 macro_f1 precision recall specificity auc auprc map map50 iou miou dice rouge_l wer cer
    der eer error_rate mape r2 ssim mcc kappa spearman pearson exact_match ndcg mrr hit_rate win_rate success_rate
    pass_at_1 mota""".split()
)
"""Metrics whose claims are fractions."""

ABSOLUTE = frozenset(
    """loss perplexity bits_per_byte rmse mae mse crps bleu chrf cider fid inception_score lpips psnr mos elo reward
    throughput latency unknown""".split()
)
"""Metrics whose claims stay as written."""

SIGNED = frozenset("loss reward r2 mcc kappa pearson spearman".split())
"""Metrics whose values may be below nothing."""

METRICS: dict[str, str] = {
    "accuracy": """
        ceval|c eval|cmmlu|mmlu pro|arc challenge|arc c|arc e|arc easy|boolq|piqa|openbookqa|truthfulqa|bbh|
        agieval|math 500|math500|gpqa|mmmu|vqav2|vqa|csqa|siqa|svamp|aime|mbench|mmbench|ocrbench|docvqa|textvqa|
        scienceqa|acc norm stderr|validation accuracy score|balanced acc score|token accuracy|node accuracy|
        slot accuracy|intent accuracy|joint goal accuracy|jga|accuracy|acc|accuracies|accs|acc 1|acc1|acc@1|top 1|
        top1|top@1|top one|topone|top 1 acc|top 1 accuracy|accuracy top 1|acc top 1|acc norm|accnorm|
        balanced accuracy|balanced acc|bal acc|bacc|pixel accuracy|pixel acc|overall accuracy|oa|prec@1|prec 1|
        p@1|rank 1|rank1|accurate|accuratezza|accuratesse|genauigkeit|trefferquote|klassifikationsgenauigkeit|
        exactitude|justesse|exactitud|acuracia|accuraat|nauwkeurigheid|tochnost|аккураси|точность|точности|
        точностью|dogruluk|dogruluk orani|dogrulugu|do chinh xac|tasa de acierto|tasa de aciertos|taxa de acerto|
        aciertos|准确率|準確率|准确度|準確度|正确率|正確率|精确率达|准度|正确度|识别率|命中准确率|总体精度|正解率|
        正答率|精度|정확도|准却率|准确律|zhunquelv|mmlu|hellaswag|winogrande|correct|correctly|right|acurate|
        acuracy|accurcy|accuarcy|accurracy|classified correctly|correctly classified|对了|判对|答对|分对|识别对|
        richtig|aciertan|accuray|accurac|accuraccy|acurracy|acuraccy|accurancy|accury|precision top 1|
        precision globale|top 1 precision|准确绿|准确滤|准确路|正确律|正确绿|识别律|精确度|准确立|top1 acc|
        top1 accuracy|top1 precision|aacc|macc|mean accuracy|mean acc|avg acc|average accuracy""",
    "top5_accuracy": """
        top 5|top5|top five|topfive|acc@5|acc 5|acc5|top@5|top 5 acc|top 5 accuracy|prec@5|前五|前5|top5 acc|
        top5 accuracy|top 5 accuracy score""",
    "f1": """
        f1|f1 score|f1score|f score|fscore|f measure|f1 micro|micro f1|f1 weighted|weighted f1|f1s|f 1|span f1|
        entity f1|slot f1|token f1|f1 wert|f1 mass|f1 值|f1 值达|f1值|f1分数|f1 分数|f1스코어|f1 점수|f one|
        binary f1|f1 maß|field level f1|f метрика|f мера|f1 мера|f1 метрика|f值|f1 between""",
    "macro_f1": """
        macro f1|f1 macro|macrof1|macro averaged f1|macro average f1|macro avg f1|macro f1 score|macro f|宏f1|
        宏平均f1|宏 f1|宏平均 f1|마크로 f1|マクロf1|マクロ f1|f1 makro|makro f1|macro f score""",
    "precision": """
        precision|prec|ppv|positive predictive value|precisions|precisione|precisie|presicion|percision|precison|
        prezision|prazision|精确率|精準率|精准率|查准率|精確率|precisao|прецизионность|kesinlik|정밀도|適合率|
        прецижн|presision|precizion|pricision|micro precision|macro precision|precision macro|precission|
        precisoin|preccision|precsion|精确律|精准律|精确绿""",
    "recall": """
        catches|catch|caught|catching|we find|picks up|tpr@|tpr|hit 率|recall|sens|sensitivity|true positive rate|
        detection rate|rappel|sensibilite|sensibilidad|sensibilidade|sensitivitat|rueckruf|richiamo|sensibilita|
        revocacao|exhaustividad|полнота|полнота модели|полноты|полноту|duyarlilik|召回率|召回|查全率|灵敏度|
        敏感度|敏感性|检出率|再現率|재현율|민감도|recal|reacll|recll|do nhay|召回绿|r@k|recall rate|gevoeligheid|
        感度|detection recall|micro recall|macro recall|recall macro|uar|reccall|rcall|recaal|are now found|
        are found|were found|are detected|are now detected|were detected|are caught|are now caught|get caught|
        are spotted|get found|get detected|召回律|召回滤""",
    "specificity": """
        specificity|true negative rate|tnr|specificite|especificidad|especificidade|spezifitat|specificita|
        特异度|特异性|特異度|특이도|специфичность|ozgulluk|specificiteit|selectivity""",
    "auc": """
        auc|auroc|roc auc|rocauc|auc roc|aucroc|area under the curve|area under the roc|area under roc|
        auc score|gauc|au roc|curva roc|aire sous la courbe|曲线下面积|aucs|uauc|roc|c statistic|c index|
        concordance index""",
    "auprc": """
        auprc|aupr|pr auc|prauc|auc pr|average precision score|area under the precision recall curve|au prc|
        au pr""",
    "map": """
        map|ap|mean average precision|average precision|map50 95|map 50 95|map5095|map@50 95|map .5 .95|box ap|
        mask ap|box map|mask map|bbox map|segm map|coco map|coco ap|平均精度均值|ap75|ap 75|keypoint ap|pose ap|
        aps|apm|apl""",
    "map50": "map50|map 50|map@50|map@.5|map@0.5|ap50|ap 50|ap@50|ap@.5|ap@0.5|map at 50|map at 0.5",
    "iou": """
        iou|jaccard|jaccard index|intersection over union|交并比|fg iou|foreground iou|ious|车道线iou|mask iou|
        iou between""",
    "miou": "miou|mean iou|m iou|mean intersection over union|mean jaccard|平均交并比|meaniou|miou ss|miou ms",
    "dice": """
        dice|dsc|dice score|dice coefficient|dice coeff|mean dice|dice 系数|dice系数|dices|dice koeffizient|
        dice similarity|sorensen dice|다이스|ダイス係数|dice between""",
    "bleu": "bleu|sacrebleu|sacre bleu|bleu score|bleu 4|bleu4|blue score|bleus|spbleu|bleu分|bleuscore",
    "chrf": "chrf|chrf++|chr f|chrf2",
    "cider": "cider|cider d",
    "rouge_l": "r l|rouge lcs|rouge l|rougel|rouge lsum|rougelsum|rougl|rouge|rouge l f1",
    "wer": """
        wer|word error rate|word error|word errors|wortfehlerrate|词错率|词错误率|单词错误率|taux d'erreur mot|
        단어 오류율|単語誤り率|word error rates|tasa de error de palabras""",
    "cer": """
        cer|character error rate|char error rate|字错率|字错误率|字符错误率|zeichenfehlerrate|문자 오류율|
        文字誤り率|characters error rate|字错误|字错""",
    "der": """
        dia error rate|diar error rate|diarization err|diarization error rate|diarisation error rate|
        diarization error|说话人日志错误率""",
    "eer": "equal error|eer|equal error rate|等错误率|等錯誤率",
    "error_rate": """
        error rate|err rate|top 1 error|top1 error|test error|val error|train error|error|misclassification rate|
        错误率|錯誤率|误差率|误识率|误拒率|漏检率|误报率|误检率|fehlerrate|fehlerquote|taux d'erreur|
        tasa de error|taxa de erro|tasso di errore|ошибка|hata orani|foutpercentage|誤り率|エラー率|오류율|
        false reject rate|false accept rate|frr|false positive rate|false negative rate|fpr|fnr|miss rate|
        misclassified|wrong|classification error|err|taux d erreur|doля ошибок|доля ошибок|hata|fout|ty le loi|
        error rates|incorrect|mistaken|false alarm rate|错误律|misread|misrecognised|misrecognized|mislabelled by|
        misdetected|top5 error|top 5 error|are wrong|is wrong on""",
    "perplexity": """
        perplexity|ppl|perplexities|困惑度|perplexitat|perplexite|perplejidad|perplexidade|перплексия|
        перплексии|перплексию|パープレキシティ|퍼플렉시티|perpelxity|preplexity|word ppl|perplexity score|
        perplessita|saskinlik|惑度""",
    "bits_per_byte": "bits per byte|bpb|bits byte|bits per char|bpc|bits per character|bits per dim|bpd",
    "loss": """
        loss|losses|nll|log loss|logloss|cross entropy|xent|ce loss|negative log likelihood|bce|elbo|perdida|
        perda|perte|pertes|verlust|verlustfunktion|verlies|perdita|лосс|лосса|потери|функция потерь|kayip|损失|
        损失值|loss值|損失|損失関数|loss 值|손실|손실값|로스|ロス|entropia cruzada|mlm loss|kl|ton that|函数损失|
        交叉熵|focal loss|val bpe loss|contrastive loss|validation nll|smooth loss|kld|pinball loss|hinge loss|
        huber loss|quantile loss|ロス値|losss|lss|los|lsos|loos""",
    "rmse": "rmse|root mean squared error|root mean square error|均方根误差|rmsd|nrmse|rms error|rmsle|rms",
    "mae": """
        mae|mean absolute error|平均绝对误差|mean abs error|平均絶対誤差|smae|mpjpe|average error|mean error|
        erreur absolue moyenne|mittlerer absoluter fehler""",
    "mse": "mse|mean squared error|均方误差|mean square error|평균제곱오차|erreur quadratique moyenne",
    "crps": "crps|continuous ranked probability score",
    "mape": "mape|smape|wmape|mean absolute percentage error|wape|平均绝对百分比误差",
    "r2": """
        r2|r 2|r squared|rsquared|r sq|r^2|coefficient of determination|决定系数|r2 score|of the variance|
        variance explained|adj r2|определение r2|決定係数|결정계수|bestimmtheitsmass""",
    "fid": "fid|frechet inception distance|fid 50k|fid50k|fid 10k|fids|fid score|fd dinov2|cfid",
    "inception_score": "inception score|inception scores|is score",
    "lpips": "lpips|perceptual distance",
    "psnr": "psnr|峰值信噪比|peak signal to noise ratio|psnr y|psnrs",
    "ssim": "ssim|ms ssim|结构相似性|structural similarity|msssim",
    "mcc": "mcc|matthews|matthews corr|matthews correlation|matthews correlation coefficient|phi coefficient",
    "kappa": """
        kappa|cohen's kappa|cohens kappa|cohen kappa|quadratic kappa|qwk|weighted kappa|κ|卡帕|
        quadratic weighted kappa|kappa between|kappa among""",
    "spearman": """
        spearman|spearman rho|spearman's rho|spearmanr|rank correlation|spearman correlation|斯皮尔曼|srcc|ρ|
        rho|spearman r|spearmans""",
    "pearson": """
        pearson|pearson r|pearsonr|pearson's r|pearson correlation|plcc|皮尔逊|pcc|linear correlation|
        pearson corr""",
    "elo": "elo|elo rating|elo points|arena elo|elo score|elos|等级分",
    "reward": """
        mean score over|avg score over|mean score on|average score over|reward|return|episode return|mean reward|
        episodic return|avg reward|average return|rewards|episode reward|ep rew mean|ep reward|奖励|平均奖励|回报|
        累计奖励|belohnung|recompense|recompensa|награда|награды|награду|odul|보상|報酬|beloning|ricompensa|
        ep ret|phan thuong|returns|eval return|mean return|episode rewards|rew|평균 보상|累積報酬|回报值""",
    "win_rate": """
        wins|win rate|winrate|win ratio|胜率|勝率|gewinnrate|taux de victoire|승률|winning rate|preferred|
        of the games|won|games won|win pct|prefer|prefers|preference rate|wins against|taxa de vitoria|
        tasa de victorias""",
    "success_rate": """
        succeed|success rate|sr|成功率|erfolgsrate|erfolgsquote|taux de succes|taux de reussite|tasa de exito|
        taxa de sucesso|성공률|basari orani|successrate|success|succ rate|task success|успешность|resolved|
        solve rate|solves|solved|completion rate|grasp success|完成率|success pct|slaagpercentage|
        tasso di successo|succeeds|succeeded|task success rate|成功律|of the trials|of trials|of the episodes|
        of episodes|of the attempts|of attempts|of the rollouts|of rollouts|of all attempts|of the tasks|
        of tasks solved""",
    "exact_match": """
        exact match|em|exactmatch|em score|gsm8k|精确匹配|exact matches|full match|完全匹配|整句准确率|
        exakte ubereinstimmung|완전 일치|完全一致""",
    "pass_at_1": "pass@1|pass 1|pass at 1|pass@one|humaneval|mbpp|pass at one",
    "ndcg": "ndcg|n dcg|normalized dcg|nddcg",
    "mrr": "mrr|mean reciprocal rank|reciprocal rank|mrr@10",
    "hit_rate": """
        hit rate|hitrate|hits@10|hits@1|hit@10|hr@10|hits@k|命中率|hit ratio|hits@|hr|hits@5|hit@5|hits@3|hit@1|
        hits 10""",
    "mota": "mota",
    "mos": "mos|mean opinion score|mos分|naturalness mos|mos score|主观评分|utmos|cmos",
    "throughput": """
        thruput|thru put|through put|words per second|decode speed|generation speed|serving throughput|
        throughput|tokens/s|tok/s|tokens per second|tokens/sec|tok/sec|吞吐|吞吐量|durchsatz|debit|qps|
        samples per second|samples/s|req/s|requests/s|requests per second|images/s|img/s|imgs/s|
        images per second|fps|frames per second|スループット|처리량|帧率|inference speed|rps|imgs/sec|
        images/sec|frames/s|utt/s|docs/s|推理速度""",
    "latency": """
        latency|latencies|inference time|延迟|延時|推理耗时|推理时间|推理延迟|时延|耗时|latenz|latence|latencia|
        latenza|задержка|レイテンシ|推論時間|지연 시간|지연시간|forward pass|per image|per frame|
        inference takes|response time|p50 latency|p99 latency|p95 latency|per query|gecikme|单帧耗时|首字延迟|
        ttft|per sample|per token|per request|per utterance|per sentence|每帧|单张|decode time""",
    "other": """
        time / fps|total timesteps|ep len mean|explained variance|collisions|collision rate|episode length|
        ep len|param count|grad norm|gnorm|num updates|wps|ups|wpb|bsz|train wall|gb free|entropy loss|
        approx kl|clip fraction|ece|brier|brier score|hausdorff|hd95|assd|asd|nsd|uas|las|meteor|comet|bleurt|
        bertscore|bert score|ter|rouge 1|rouge1|rouge 2|rouge2|calibration error|silhouette|silhouette score|
        ari|nmi|top 3|top3|top 10|top10|idf1|hota|amota|nds|is std|spice|distinct 1|distinct 2|snr|si sdr|sisdr|
        sdr|pesq|stoi|dnsmos|mcd|kid|clip score|clipscore|lift|ks|gini|rtf|real time factor|epe|abs rel|absrel|
        ate|rpe|ade|fde|minade|pq|panoptic quality|rq|sq|skill score|nse|perplexity ratio|sharpe|mase|diversity|
        coverage|vmaf|niqe|bits|regret|auc lift|pck|pckh|nme|silhouette coefficient|macro average|ndcg lift|
        coherence|npmi|gpt score|mt bench|map@10 lift|bradley terry""",
    "generic": """
        score|scores|result|results|metric|metrics|number|numbers|performance|lb|public lb|private lb|benchmark|
        leaderboard|kaggle|score public|score prive|结果|成绩|分数|得分|指标|效果|跑分|榜|线上|线下|resultat|
        resultado|resultados|risultato|risultati|ergebnis|ergebnisse|puntaje|punteggio|счет|результат|
        результаты|метрика|метрики|sonuc|sonuclar|skor|ket qua|スコア|結果|점수|결과|성능|uitkomst|resultaat|
        resultaten|score final""",
}

SPLITS: dict[str, str] = {
    "val": """
        val|valid|validation|dev|eval|evaluation|cv|oof|out of fold|backtest|back test|cross validation|
        cross val|crossval|devset|dev set|val set|valset|validation set|eval set|valid set|kfold|k fold|fold cv|
        development set|dev clean|dev other|validatie|validatieset|validierung|validierungsset|
        validierungsdaten|validierungsdatensatz|validacion|validacao|validazione|walidacja|dogrulama|валидация|
        валидации|валидацию|валидационной|валидационном|вал|验证|验证集|验证集上|校验集|开发集|检验集|交叉验证|
        回测|線下验证|検証|検証データ|検証セット|バリデーション|검증|검증셋|밸리데이션|kiem dinh|tap validation|
        dev queries|loso|loocv|leave one out|validatn|vall|validaton|cross validated|评估集|线下|離線|
        validations|entwicklungsset|jeu de validation|dev split|val split|验证上|kreuzvalidierung|
        validation croisee""",
    "test": """
        test|tests|testset|test set|holdout|hold out|held out|heldout|test split|out of domain|in domain|
        external|external data|external set|leaderboard|public lb|private lb|lb|kaggle|public leaderboard|
        private leaderboard|testing|test fold|newstest2014|newstest|test clean|test other|testmenge|testdaten|
        testdatensatz|prueba|teste|conjunto de test|conjunto de prueba|jeu de test|тест|тесте|тестовой|тестовом|
        тестовая|тестовый|отложенной|测试|测试集|測試集|测试集上|盲测|外部数据|外部验证|榜单|线上榜|a榜|b榜|
        テスト|テストデータ|テストセット|테스트|테스트셋|testset'te|tap test|tap kiem tra|unseen|blind test|
        public board|private board|eval server|tst|holdout set|test slice|ood|外部测试|留出集|評価データ|평가셋|
        testovoy|test images|test clips|test videos|external cohort|teststeekproef""",
    "train": """
        train|training|trn|train set|training set|trainset|train split|training data|in sample|entrainement|
        entrenamiento|treino|trainings|trainingsdaten|trainingsset|addestramento|egitim|обучение|обучении|
        обучающей|трейн|трейне|训练|训练集|訓練集|訓練|训练集上|학습|훈련|훈련셋|学習|学習データ|
        trainingsfehler|tap train|tap huan luyen|在训练集""",
}
