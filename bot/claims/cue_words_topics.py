"""Fields of work: phrases whose words mean something else inside them ("price prediction", 目标检测, 语音识别)."""

from __future__ import annotations

TOPICS: dict[str, str] = {
    "topic": """
        ctr model|ctr prediction|cvr model|cvr prediction|ctr auc|cvr auc|ctr head|cvr head|垃圾邮件|邮件|文件|
        零件|部件|条件|软件|硬件|事件|附件|组件|元件|插件|证件|案件|稿件|行为|认为|因为|成为|作为|为主|为了|以为|
        人为|视为|低光照|低资源|低分辨率|低照度|低频|低温|高清|高频|高级|高亮|高分辨率|高斯|高阶|高效|高校|高峰|
        高温|高空|从头|自从|从事|序列|系列|时间序列|列表|并列|排列|占位|语句|句法|句向量|地图|意图|截图|热图|
        特征图|视图|绘图|图文|图表|草图|附图|流程图|对齐|对抗|对应|对象|针对|对接|面对|对于|反对|将来|残差|时差|
        差分|温差|视差|差异|差不多|张量|紧张|主张|扩张|夸张|多语言|多标签|多分类|多轮|多卡|多目标|多尺度|多类|
        多头|许多|多数|多样|多跳|多视角|多步|少样本|少数|少量|层次|底层|中间层|层级|上层|步行|提取|提示|提示词|
        提供|提交|提前|提醒|提问|特征提取|条款|线条|次数|本次|每次|次优|依次|重点|热点|特点|观点|缺点|优点|试点|
        站点|要点|关键点|焦点|兴趣点|特征点|时间点|起点|终点|景点|地点|难点|拐点|使用|应用|利用|用于|通用|常用|
        专用|适用|信用|调用|作用|用例|用途|破损|破解|省份|省级|秒级|合约|预约|约束|条约|网约车|说话|过滤|过程|
        过去|通过|经过|过采样|轮廓|轮胎|轮询|齿轮|雷达|表达|传达|达人|降噪|降维|降采样|降水|降雨|前景|前端|前向|
        前馈|前沿|前处理|后处理|后端|后门|后缀|后验|后台|然后|后续|换脸|转换|变换|替换|更换|换行|比特|比分|信噪比|
        压缩比|有效|有限|有监督|具有|有关|有无|有害|私有|存在|正在|实在|潜在|内在|未知|未登录|折叠|折线|骨折|目的|
        了解|讲座|演讲|object detection|target domain|target language|target speaker|target class|
        classification report|eval report|radiology reports|report generation|weekly report|official test set|
        official split|human pose|human motion|human parsing|person detection|person re id|pedestrian detection|
        humanoid walk|student model|teacher model|essay scoring|movie reviews|movie recommendations|
        weather forecast|price prediction|house prices|stock prediction|dog breeds|cats vs dogs|car detection|
        plant disease|leaf disease|bike counts|traffic signs|food classification|phone recordings|mobile app|
        news articles|article classification|paper abstracts|citation graph|blog posts corpus|job titles|
        ticket routing|ticket classifier|invoice parser|receipt parser|document parsing|server logs|log parsing|
        sensor data|temperature forecast|power forecast|load forecast|memory network|queue length|
        page segmentation|calendar agent|web agent|tool use|tool calling|API calls|search engine|
        network intrusion|graph network|cell segmentation|room layout|desk clutter|hand gestures|sleep staging|
        blood cells|blood pressure|heart rate|weight estimation|age estimation|music tagging|song detection|
        band gap|race car sim|driving policy|flight delays|hotel reviews|restaurant reviews|coffee leaf|
        pizza dataset|football tracking|chess engine|go engine|poker agent|quiz answers|exam questions|
        course recommendations|school enrolment|survey answers|customer churn|client churn|vendor names|
        credit scoring|loan default|insurance claims|claim detection|fact checking|rumour detection|
        rumor detection|fake news|quote attribution|quote detection|hypothesis test|negative sampling|
        false negatives|positive class|never seen speakers|unseen classes|next token|next word|next sentence|
        next frame|next basket|future frames|future prediction|long horizon|planning success|goal conditioned|
        sample efficiency|proposal network|region proposals|reference model|noise robustness|slot filling|
        intent detection|named entity|sentiment analysis|question answering|machine translation|
        speech recognition|speaker verification|image classification|semantic segmentation|instance segmentation|
        pose estimation|anomaly detection|time series|action recognition|face recognition|language model|
        language modelling|hate speech|toxicity classifier|spam filter|spam classifier|news classifier|
        news dataset|job ads|job postings|job matching|ticket triage|support tickets|customer tickets|
        customer support|customer reviews|product reviews|user reviews|app reviews|book reviews|driver drowsiness|
        driver monitoring|autonomous driving|self driving|driving scenes|driving sim|street scenes|school bus|
        bus arrival|train delays|flight delay|sleep stages|heart sounds|heart disease|blood glucose|brain mri|
        brain tumour|brain tumor|brain scans|skin lesions|weight loss prediction|body weight|rent prediction|
        rental prices|taxi fares|taxi demand|energy price|electricity price|electricity demand|power demand|
        power curve|wind power|solar power|sales forecast|demand forecast|demand forecasting|demand model|
        demand models|demand prediction|demand planning|probabilistic demand|traffic model|required documents|
        weather data|weather radar|rain radar|precipitation nowcasting|price forecast|movie genre|movielens|
        song lyrics|music genre|beer recommendations|recipe retrieval|food images|cat breeds|bird songs|
        bird calls|plant species|garden pests|car prices|car parts|bike sharing|bike rentals|go agent|chess agent|
        chess positions|football matches|tennis strokes|exam grading|essay grading|quiz generation|
        course catalogue|student essays|student dropout|teacher forcing off|teacher student|human activity|
        human keypoints|human mesh|human genome|person re identification|person search|person attributes|
        expert demonstrations|expert policy|expert trajectories|doctor notes|clinical notes|patient notes|
        nurse notes|intern notes|claims data|claim verification|claim triage|quote extraction|said no|
        report classifier|report labels|paper recommendation|citation intent|citation recommendation|
        blog authorship|article titles|example based|exemplar|template matching|document format|next action|
        next item|next poi|future work|plan execution|target speech|target sound|target shape|goal navigation|
        goal image|minimum snap|storage racks|server room model|log anomaly|log anomalies|log parser|
        log classifier|file type|file fragments|disk failure|memory augmented|cache prediction|
        node classification|node embeddings|edge classification|link prediction|graph classification|
        tool selection|api retrieval|web pages|page ranking|page layout|form understanding|invoice fields|
        invoice extraction|receipt fields|contract clauses|network traffic|traffic forecast|network anomalies|
        sensor fusion|sensor readings|temperature readings|temperature prediction|room occupancy|room acoustics|
        desk objects|phone calls|phone keypad|phone photos|call centre|call center|voice commands|wake word|
        keyword spotting|map sensor|目标检测|目标跟踪|小目标|语音识别|人脸识别|行人检测|人体姿态|姿态估计|
        语义分割|实例分割|文本分类|情感分析|情感分类|命名实体识别|关系抽取|事件抽取|机器翻译|机器阅读|阅读理解|
        问答|对话|摘要|摘要生成|代码生成|代码补全|图像生成|图像分类|图像检索|图像描述|视频理解|视频分类|动作识别|
        推荐系统|推荐模型|点击率预估|转化率预估|排序模型|精排|粗排|重排|检索|向量检索|知识蒸馏|强化学习|对比学习|
        自监督|指令微调|多任务|单任务|下游任务|时序预测|负荷预测|销量预测|房价预测|房价回归|股价预测|天气预报|
        天气预测|异常检测|欺诈检测|风控|信用评分|声纹识别|说话人识别|说话人|语音合成|语音增强|声码器|唤醒词|噪声|
        方言|普通话|儿童语音|车牌识别|车道线|交通标志|自动驾驶|点云|深度估计|光流|超分|去噪|去模糊|医学影像|
        病理切片|肺结节|眼底|皮肤病|心电图|息肉|肝脏|肿瘤|医学分割|器官|药物|蛋白质|分子|作文评分|题目|数学题|
        选择题|知识图谱|大模型|小模型|基座|多模态|视觉问答|文档解析|表格识别|手写识别|手势识别|拼写纠错|纠错|
        意图识别|槽位填充|智能客服|客服|教师模型|老师模型|神经网络|残差网络|主干网络|图神经网络|注意力|位置编码|
        层归一化|激活函数|数据增强|投票|双卡|多机|真机|仿真|仿真环境|机器人|机械臂|抓取|导航|游戏|围棋|对战|
        自博弈|手机端|移动端|边缘端|端侧|官方测试集|官方验证集|公开数据集|开源数据集|内部数据|自建测试集|外部数据|
        未见类|其他|其它|不错|不理想|不太行|不同|不变|特别|分别|类别|级别|性别|识别|说明|说实话|话说|理想|想法|
        欠拟合|泛化|鲁棒|波动|消融实验|对照组|实验组|雨天|雾天|难例|长尾|长文本|短文本|标题|正文|评论|电影评论|
        商品评论|新闻分类|新闻|论文分类|专利|法律|金融|医疗|教育|电商|广告|短视频|直播|音乐|歌曲分离|如图|见图|
        供参考|请查收|大家看看|未来|未来几天|未见过的|识别任务|分割|分类任务|分析|分布外|分支|分辨|鉴别|区别|差别|
        个别|辨别|其他人的数据|不断|不仅|不止|不管|小说|思想|联想|名称|对称|称重|若干|将近|即将|同步|步态|进步|
        初步|逐步|下一步预测|主题|问题|课题|专题|命题|分母|分层|部分|充分|成分|区分|打分模型|评分模型|评分预测|
        机器学习|机器视觉|网络结构|网络入侵|图网络|手机识别|行人|人体|人脸|车辆|商品|用户意图|学生成绩预测|
        价格预测|股票预测|视力|听力数据|口语数据|口语评测|客服对话|医生问诊|天级|小时级|分钟级""",
}
