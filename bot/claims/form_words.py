"""Words that tell what kind of thing a number is by standing right beside it: units, counted things, indexed things."""

from __future__ import annotations

PERCENT = frozenset(
    """
        % percent pct prozent procent процентов процента процент パーセント 퍼센트 프로 percents pourcent
        porcento prcnt perc
    """.split()
)
PERCENT_PAIRS = frozenset(
    (("per", "cent"), ("pour", "cent"), ("por", "ciento"), ("por", "cento"), ("per", "cento"), ("phan", "tram"))
)
POINTS = frozenset(("pp", "p.p", "points", "point", "pts", "pt", "ppt", "pps"))
SECONDS = frozenset(
    "s sec secs second seconds sekunden secondes segundos secondi seconden секунд 秒 초 giay saniye".split()
)
MILLI = frozenset(
    "ms msec msecs millis millisecond milliseconds 毫秒 ミリ秒 밀리초 мс millisekunden millisecondes".split()
)
MICRO = frozenset("us µs μs microseconds microsecond".split())
WORK = frozenset(
    """
        tok toks token tokens img imgs image images sample samples frame frames req reqs request requests
        sentence sentences utt utterances doc docs query queries item items clips pages word words 帧 张 条
    """.split()
)
PER = frozenset(("/", "per", "a", "p"))
RATES = frozenset("fps qps rps tps tok/s".split())
OTHER_UNITS = frozenset(
    """
        january february march april june july august september october november december januar februar juni
        juli oktober dezember janvier fevrier avril juin juillet octobre novembre decembre enero marzo abril
        junio julio agosto octubre gb mb tb kb gib mib tib kib px pixels dpi h hr hrs hour hours min mins minute
        minutes d day days week weeks month months year years x times kg g km m cm mm w kw v hz khz mhz ghz bit
        bits bytes byte gpu gpus cpu cpus core cores eur usd dollars euro euros chf gbp rmb c f gbit mbit °c it
        its th st nd rd am pm uhr heures horas stunden minuten tflops gflops flops people users vcpu miles mile
        metres meters ft feet inch inches litres liters kcal ml 折 euros
        rub yen cents bucks kilos stars 元 块 块钱 万元 小时 分钟 天 周 个月 年 月 日 号 点钟 页 层 轮 个epoch
        fm 亿 万
        次 张 条 个类 倍 维 位 人 台 块卡 张卡 卡 度 楼 米 公里 斤 時間 分 時 枚 件 人 年 月 日 回 個 台 円 시간
        분 시 개 장 명 번 년 월 일 원 часов часа минут раз дней эпох шагов saat dakika gun gio phut ngay b bn
        mm² mm2 kwh mwh gpuh eps ep hrs
    """.split()
)
COUNTED = frozenset(
    """
        epochs epoch seeds seed folds fold images image samples sample steps step layers layer games game
        subjects subject runs run iterations iters iter rows row classes class tokens token sentences pairs
        documents docs records examples patients speakers speaker utterances clips videos frames shots shot
        heads head workers worker nodes node files file gpus people annotators raters labels users trials trial
        episodes episode envs env queries query questions question tasks task models model checkpoints
        checkpoint experiments experiment params parameters features feature columns column batches batch
        points_of bags checks tests tickets commits prs jobs job attempts tries items item pages page slides
        chapters minutes hours epoche epochen epoques epocas эпох эпохи seeds' words chars characters languages
        language categories subsets splits buckets bins bugs issues percentile way bit bits dim dims units
        neurons filters channels layers, replicas requests meetings beers coffees decimals digits months weeks
        days years lines concurrency test_images weeks' gpus' cameras views scenes cities stations sensors
        horizons 轮 个epoch 折 张 条 次 个 层 步 类 位 组 句 名 台 份 颗 种 万 万条 万张 千 亿 小时 回 个人
        个样本 样本
    """.split()
)
HAN_COUNTERS = frozenset("局张条轮步层折个次组句名台份颗种位万千亿页帧类例对只家块倍遍卷集部枚件回年月日号")
NOT_COUNTED = frozenset(
    """
        this its his was has is as us vs pts pps points plus minus across always thus yes towards besides
        epochs' versus unless perhaps sometimes afterwards less bonus gives does hits gets beats runs shows goes
        lets sits stays reads looks tops scores comes lands ends works wins finishes percents tests versus feels
        seems keeps means
    """.split()
)
SMALL_WORDS = frozenset("on at in to for and is the but or of now by vs so we it pct pts pp ish ms s db".split())
PROGRESS = frozenset(
    """
        done complete completed finished full off idle used faster slower busy utilised utilized load loaded
        uploaded cheaper drained
    """.split()
)
NUMBERED = frozenset(
    """
        scikit learn sklearn numpy pandas scipy tensorflow jax flax lightning timm opencv transformers tokenizers
        ubuntu
        debian node java gcc cmake pip conda vllm triton nccl cudnn onnxruntime firefox chrome android ios windows
        macos
        matplotlib
        section sec chapter fig figure version python torch cuda driver appendix clause paragraph abschnitt
        kapitel room
    """.split()
)
INDEXED = frozenset(
    """
        lab assignment homework hw lecture sprint
        epoch epochs ep step steps iter iteration iters seed seeds fold folds layer layers table tab fig figure
        section sec chapter page node gpu rank milestone phase week day version task batch port room row column
        line item slide level stage round part issue pr ticket question exercise problem k concurrency shot
        shots no nr number # № run experiment exp checkpoint ckpt job block head gpus gen edit attempt try rev
        revision release sprint q year step: acc_course python cuda epoche epoque epoca эпоха эпохи 第 轮 前
        seed: over last dim size width height depth rank warmup patience horizon resolution eighth v floor
        building track hall terminal gate platform flight bus tram day: december november october september
        august july june april march february january dez nov oct sept sep aug jul jun apr mar feb jan dec
    """.split()
)
_WORDY = {
    "~": """
        about around roughly approx approximately circa ca like nearly almost
        somewhere near 约 大约 大概 差不多 约为 接近 近 etwa
        ungefahr rund environ unos casi aproximadamente quase ongeveer около примерно
        yaklasik khoang 約 ほぼ 약 대략""",
    ">": """
        over above cracked exceeded surpassed broke passed past topping 超过 超过了 突破 突破了 过了 破 破了 uber больше
        mas""",
    "<": "under below beneath 低于 不到 跌破 unter moins",
}
WORD_COMPARATORS = {word: sign for sign, words in _WORDY.items() for word in words.split()}
