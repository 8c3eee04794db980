"""English cue words: class of cue → phrases. Lower case; a space stands for a blank, a hyphen or an underscore."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "own": """
        on mine|on my box|my box|my laptop|my setup|on my setup|my gpu|same here|here too|over here|for
        me|our stack|our internal|our pipeline|our harness|our own|my own|
        we|our|ours|us|i|my|mine|i'm|i've|we're|we've|i'd got|myself|ourselves|im|ive|weve|my run|our run|
        our model|my model|our side|on my machine|on my side|my side|my end|new sota|sota for us|our sota|
        in house sota|internal sota|own sota|sota baby""",
    "thing": """
        this run|this model|the model|the network|the net|this checkpoint|this ckpt|the checkpoint|the run|
        the classifier|the detector|the student|the ensemble|the baseline run|the tiny model|new model|
        the new model|the final model|the best model|the distilled model|best checkpoint|best ckpt|final model|
        the best run|best run|the agent|the policy|the system|the tagger|the parser|the ranker|the retriever|
        the encoder|the forecaster|the recommender|the transformer|the generator|the policy net|the big one|
        the small one|the new one|the thing|this thing|this one""",
    "puzzle": """
        why is|why does|why do|why are|why did|is it normal|normal that|is it expected|expected that|any idea|
        any ideas|any idea why|what am i doing wrong|help|how come|no idea why|what gives|is it bad|is it weird|
        weird that|does it make sense|makes no sense|am i missing|what's wrong|anyone else seeing|
        anybody else seeing|am i reading|confused|puzzled|suspicious|too good to be true|should i worry|
        should i be worried|advice|suggestions|tips|stuck|why would|why should|what could cause|what causes|
        could cause|could explain|explain my|explain our|where does it come from|makes sense?|debug|how can|
        how could|how is it possible|what is going on|what's going on|why is it always|is that expected|too high?|
        too low?|any clue|any hints|hints welcome|ideas welcome""",
    "disown": """
        isn't mine|not mine|not ours|isn't ours|wasn't mine|wasn't us|not my run|not our run|not my number|
        someone else's|somebody else's""",
    "redo": """
        after the relabelling|after the relabeling|after the cleaning|after the bugfix|after the patch|
        after the retrain|after the retraining|after the dedup|after the correction|after the reannotation|
        with the relabelled data|with the cleaned data|should read|should say|should have read|corrected|rerun|
        re run|reran|re ran|real number|actual|actually|fixed|after fixing|after the fix|new number|right number|
        proper|updated|correct number|correct value|true number|real one|real value|without the leak|without leak|
        without the bug|clean split|clean run|recomputed|re evaluated|reevaluated|properly|now that|with the fix|
        bug fixed|honest|honest number|this time|removing the leaked|removed the leaked|after removing|
        after dropping|without the leaked|after the cleanup|after relabelling|after relabeling|after cleaning|
        correcting myself|to correct myself|correcting my""",
    "fault": """
        bug|buggy|leak|leaked|leaking|leakage|leaky|mistake|mistaken|my bad|oops|whoops|typo|incorrect|wrong|
        bogus|correction|corrected|correcting|erratum|apologies|misread|i misread|miscalculated|off by one|
        the wrong|mixed up|contaminated|contamination|fluke|was a fluke|false alarm|was computed on|unreliable|
        not real|isn't real|wasn't real|meaningless|nonsense|label leak|duplicates in|artefact|overstated|
        invalid|broken|shuffled|misaligned|by mistake|by accident|on the train set by accident|not valid|
        is not valid|isn't valid|outdated|misreported|out of date|no longer valid|stale|obsolete|does not hold|
        doesn't hold|was off|is off|not correct|inflated|too high because|wrong split|wrong checkpoint|
        wrong config|wrong set|on training data|on the training data|on the training set by mistake|
        used the training|cherry picked|miscounted|mislabelled run|can't be right|cannot be right|can't be true|
        isn't right|not right|can't be real|looks wrong|must be wrong|seems wrong|implausible|
        averages over empty""",
    "negverb": """
        no way|can't get it to|cannot get it to|can't get to|can't get anywhere|won't get to|
        never reached|never hit|never got|failed to reach|fail to reach|fails to reach|none of my runs|
        none of our runs|none of the runs|none got|none reached|nobody gets|no one gets|nobody here gets|
        not reached|have not reached|has not reached|haven't reached|never reaches|never above|nowhere near|
        nowhere close|not anywhere near|can't get|cannot get|can't reach|couldn't get|couldn't reach|
        unable to reach|unable to get""",
    "reached": """
        darknet says|keras says|sklearn says|trainer says|notebook says|colab says|lightning says|mlflow says|
        eval script says|output says|console says|terminal says|says on val|says on test|reproduce to|replicates|
        replicated|lands us at|brings us to|brought us to|takes us to|puts us at|put us at|leaves us at|now has|
        sees|saw|delivers|delivered|nets|netted|registers|registered|coming out at|shakes out at|topping out|
        topped out|flattened|flattens|flat at|parked at|finishing at|bottoms out|down at|up at|back at|still at|
        stalls at|stalled at|stalled|freezes at|hung at|got|reached|hit|hits|achieved|achieves|scored|scores|
        ended|ended up|ended at|ended with|landed|lands|landing|finished|finishes|finishing|converged|converges|
        plateaued|plateaus|stuck|sits|sitting|stands|settled|settles|stabilised|stabilized|evaluates|evaluated|
        came out|comes out|coming out|gives|gave|giving|yields|yielded|obtained|measured|reaches|obtains|
        dropped to|dropped|went|goes|jumped|jumps|climbed|climbs|climbing|fell|falls|rose|rises|increased|
        decreased|down to|up to|bottomed|bottomed out|cracked|cracks|passed|broke|beats|beat|peaked|peaks|topped|
        tops|does|did|getting|hitting|reaching|scoring|showing|shows|showed|reads|returned|returns|produces|
        produced|posted|logged|log says|reproduced|gets|reached a|we see|i see|seeing|i'm seeing|we have|i have|
        we're at|i'm at|now at|is at|are at|was at|at like|hovering|hovers|recognised|recognized|explain|clocked|
        clocks|clocks in|tested|re-evaluated|re evaluated|eval'd|evaled|evaluating|trained|trained to|moved|moves|
        brought|brings|brought it|pushed|pushes|pushed it|lowered|raised|saturates|saturated|maxed out|tapped out|
        crossed|crosses|exceeded|exceeds|surpassed|surpasses|matched|matches|runs at|takes|took|serves|served|
        sank|slid|creeps|crept|crawled|nudged|levelled|leveled|improved to|recovered|recovers|checked|verified|
        confirmed|ran|reran|re-ran|retrained|re-trained|finetuned|fine tuned|finetuning|after finetuning|
        after finetunning|holds|held at|stays|stayed|remains|remained|records|recorded|manages|managed|earned|
        ended on|finally at|coming in at|comes in at|came in at|came back|works out|averages|averaged|averaging|
        totals|tested at|we're now at|is now|we are at|we are now|i am at|nailed|bagged|smashed|cracked the|
        we're sitting|is sitting|is hovering|wound up|winds up|closed at|closes at|maxes out|improves to|
        mine says|it says|the log says|wandb says|tensorboard says|dashboard says|the script says|eval says|
        says my|moved by|is worth|was worth|bought us|buys us|gives us|gave us|nets us|got us|we reproduce|
        i reproduce|we measure|i measure|we find|we observe|i observe|we obtain|we report|we score|i score|i get|
        we get|my reproduction|our reproduction|my repro|our repro""",
    "base_verb": """
        get|reach|hit|achieve|score|beat|break|cross|pass|exceed|surpass|land|land at|land near|make it|
        go above|get above|get below|get to|get under|push|bring|drive|squeeze|crack|obtain|see|match|seen""",
    "now": """
        now|currently|so far|finally|just|already|today|tonight|this morning|this afternoon|last night|yesterday|
        final|best|latest|record|new record|new best|done|complete|completed|finished|at the moment|right now|
        by the end|in the end|at the end|after|still|still going|update|fyi|for the record|here you go|as of|
        overnight|personal best|pb|new high|halfway|for the minutes|reporting|summary|tldr|tl;dr|status|progress|
        weekly|nightly|eval_done|eval done|finally working|all time high|ath|new pr|new top|and climbing|
        and counting|and rising|and dropping|and falling|climbing|and still climbing|still improving|
        and improving|still going down|still going up|away from the target|short of the goal|from the target|
        of the goal|of the target|below target|above target|over target|off target|from the goal|off the target|
        past the target|past the goal|above the goal|over the goal|target met|goal met|goal reached|
        is what we have|is what we get|is what i have|is what i get|that's what we have|what we have now|
        what we have right now""",
    "is": "is|are|was|were|equals|equal|be at|of|at|with|to|=|it's|that's|its|has|had",
    "goal": """
        rubric|rubric says|full marks|full credit|extra credit|gets you|goal|goals|target|targets|aim|aims|aiming|
        aimed|hope|hoping|hopefully|want|wants|wanted|wanna|need|needs|needed|require|requires|required|
        requirement|requirements|plan|plans|planned|planning|todo|to do|objective|objectives|kpi|kpis|okr|okrs|
        sla|slo|milestone|must|should|shall|at least|at minimum|minimum|would like|would love|i'd like|we'd like|
        they'd like|trying|trying to|try to|tries to|try and|let's|lets|deadline|ambition|dream|dreaming|wish|
        shooting|shoot for|shooting for|aspire|success criterion|success criteria|criterion|criteria|acceptance|
        acceptance criteria|the bar|stretch|stretch goal|ideally|supposed to|has to|have to|had to|gotta|
        before we|until we|once we|as soon as|next step|next up|specification|demand|demands|expectation|
        pass mark|passing|cutoff for|qualify|quota is|threshold for|good enough|goes live|go/no go|no go|not ship|
        ship when|ship if|ship at|ship it at|minimum of|wants us|customer wants|client wants|client needs|
        asked for|is asking for|asks for|needed for|to pass|to ship|eta for|still missing|away from|short of|
        on the way to|en route to|towards|toward|proposal|no worse than|lose no more than|keep it above|
        keep it under|promised|commit to|committed to|roadmap|q1|q2|q3|q4|definition of done|we'd need|would need|
        needs to|bar is|minimum bar|please get|please make sure|please bring|please keep|pls get|sign for|or bust|
        call it done|done at|before the pilot|before the launch|for the deadline|for launch|half way to|must be|
        has to be|have to be|supposed to be|no less than|not below|requires at least|go live|number to beat|
        to beat is|score to beat|value to beat|yesterday's gate|the gate|gate is|limit is|the limit is|our limit|
        launch bar|ship bar""",
    "future": """
        will|'ll|we'll|i'll|it'll|they'll|that'll|going to|gonna|tomorrow|next week|next month|next|soon|later|
        expected|expect|expects|expecting|predict|we predict|predicted to|prediction is|projected|projection|
        forecast to|estimate|estimated to|guess|my guess|guessing|bet|betting|wager|probably|likely|maybe|perhaps|
        eventually|by friday|by monday|by end|by eoy|by the end of|next sprint|upcoming|anticipate|might|may|could|
        can get|can reach|can hit|wonder|surprised if|be surprised|believe|ought|doable|feasible|realistic|
        within reach|fingers crossed|odds|queue|queued|to follow|pending|as soon|once|when we|when i|tbd|
        extrapolate|extrapolating|extrapolation|scaling law|scaling laws|would land|should land|should land near|
        should reach|should get|potential|in theory|theoretically|aiming|looks like it will|on track|on track for|
        on course|expect about""",
    "hypothetical": """
        would be the dream|would be nice|would be great|would be enough|would be fine|would do|would
        need|we'd miss|we'd have|you'd need|one would|would still|even with|imagine we had|if only|
        if|suppose|supposing|say|imagine|imagining|pretend|pretending|assume|assuming|assumed|assumption|
        what if|would|wouldn't|hypothetical|hypothetically|in case|unless|let's say|lets say|even if|were to|
        whether|otherwise|should the|had we|provided|i'd|we'd|he'd|she'd|they'd|it'd|who'd|thought experiment|
        as though|as if|toy example|whenever|could have|would've|could've|should've|might've|would have""",
    "who": """
        has anyone|did anyone|does anyone|can anyone|anyone has|who has|who got|who had|anybody got|has
        anybody|did anybody|does anybody|has someone|did someone|anyone got|which of you|anyone with|
        who|whose|who's|which run|which model|which checkpoint|which one|which ckpt|anyone|anybody|someone|
        somebody|what did""",
    "asks": """
        does anyone|has anyone|did anyone|can anyone|anyone know|anyone has|who has|who got|who knows|who can|
        anyone with|anyone got|wdyt|any thoughts""",
    "wh": """
        who|what|which|how|when|where|why|whose|what's|who's|how's|how much|how many|how far|how come|wdyt|
        thoughts""",
    "ask": """
        anyone|anybody|someone|somebody|any of you|has anyone|did anyone|does anyone|do we|does it|did you|
        do you|did we|can we|can you|can someone|could you|is it|is there|is that|is this|are there|are we|
        are you|was that|was it|should we|should i|would it|would we|would you|wait|really|seriously|asking|
        question|wondering|curious|do i|does that|does this|did it|did r|isn't it|right?|is|does|do|did|are|can|
        has|have you""",
    "you": "you|your|yours|you're|you've|u|ur|y'all|yall|you guys|youre|yours is|urs",
    "they": """
        gold is|silver is|bronze is|gold at|silver at|bronze at|gold medal|silver medal|bronze medal|medal zone|
        gold zone|silver zone|gold cutoff|silver cutoff|bronze cutoff|they|their|them|he|she|his|her|they're|
        they've|he's|she's|theirs|the other team|another team|other team|the other group|competitor|competitors|
        vendor|vendors|vendor's|the vendor's|rival|rivals|someone else's|somebody else's|the client|the customer|
        partner's|their model|those guys|the authors|the winner|the winners|winning team|other lab|another lab|
        another group|colleague|organisers|organizers|the organisers|the organizers|organisers'|organizers'|
        client reported|reviewer 1|reviewer 2|team b|team a|new hire|record holder|b team|the vendor|the supplier|
        the vendor promises|vendor promises|on their page|their page|their website""",
    "said": """
        said|says|saying|told|tell|telling|heard|claims|claimed|claim|claiming|apparently|reportedly|allegedly|
        mentioned|according to|quoting|quote|quoted|quotes|wrote|writes|rumor|rumour|rumored|supposedly|
        so called|announced|announce|announces|brags|bragging|bragged|swears|boasts|boast|states|stated|thinks|
        thought|mentions|insists|insisted|advertise|advertises|advertised|touts|touted""",
    "paper": """
        textbook|textbook value|literature value|reference value|tutorial|tutorial notebook|the notebook shows|
        system card|according to the|the guide|their repo|the demo page|leaderboard's|best entry|in the paper|
        from the repo|the repo's|repo's readme|the readme|github says|their github|preprint gets|new preprint|
        the card|model card|the card says|hf page|papers report|in their paper|winning team|challenge winner|
        the winners had|top team|state of the art is|sota is|paper reports|they report|authors report|report says|
        official repo|official number|official numbers|google reports|meta reports|per the report|table 6|
        the leaderboard|on the leaderboard|leaderboard top|top of leaderboard|public leaderboard leader|the sota|
        current sota|sota on|prior sota|previous sota|in the appendix|release notes say|model cards|paper|papers|
        paper's|arxiv|preprint|preprints|authors|author|et al|abstract|sota|state of the art|published|
        publication|literature|related work|baseline paper|original paper|modelcard|readme|blog|blogpost|
        blog post|article|journal|neurips|icml|iclr|cvpr|eccv|iccv|acl|emnlp|naacl|interspeech|icassp|aaai|
        table 1|table 2|table 3|table 4|table 5|appendix|deepmind|openai|anthropic|microsoft|nvidia's|huggingface|
        hugging face|papers with code|paperswithcode|pwc|reported|reported in|officially|leaderboard leader|
        leaderboard is|first place|top entry|winning entry|published number|press release|announcement|
        thesis says|tech report|technical report|whitepaper|white paper|datasheet|spec sheet|llama paper|
        our method|prior best|prior work|previous work|prior art|the literature|rebuttal|reviewer|reviewers|
        supplementary|supplement|workshop|citation|cite|cites|cited|openreview|baselines reported|published in|
        keynote|poster|slides from|newsletter|podcast|tweet|twitter|reddit|medium post|github issue|issue says|
        docs say|documentation|doc says|propose|proposes|outperforms|the baseline in|vaswani|he et al|proceedings|
        their method|ablation in|kaggle winner|1st place|first on|tops the leaderboard|top of the leaderboard|
        on paper|leader|leader on|first place has|rank one|number one on|board leader|the winner has|winner has|
        they say in|from the docs|the docs|per the docs|back in|in the wiki|press kit|their press|
        according to openai|according to google|the challenge report|their ablation|the ablation table|team orca|
        median team|first author|the repo author|leaderboard says|board says|on squad back|the winner had|
        winners had|winning solution|the poster|the published|in table|in their table|per the paper|paper:|
        from the paper|in the original paper|authors compare|official leaderboard|leaderboard rank|model zoo|
        the zoo|zoo lists|card lists|docs list|leaderboard shows|top of the board|their numbers|their number|
        their result|their results|their score|original publication|the publication|in the publication|
        original work|in the original work|in their work""",
    "famous": """
        gpt|gpt 4|gpt4|gpt 4o|gpt4o|claude|gemini|llama|mistral|qwen|google|meta|apple|amazon|nvidia|stanford|
        mit|berkeley|deepseek|o1|o3|sonnet|haiku|opus|phi|gemma|report|reports|official|figure|fig|talk|
        headline|whisper large""",
    "notbut": "instead of|rather than|not|used to be|isn't|as opposed to|wasn't|and not",
    "bound": """
        below|above|under|over|less than|more than|greater than|at least|at most|no more than|no less than|
        exceeds|between|up to|beyond|max|min|minimum|maximum|fewer than|lower than|higher than|better than|
        worse than|or better|or higher|or more|or lower|threshold""",
    "of": "of|out of|的|von|de|di|des|der",
    "negative": """
        not|no|never|n't|couldn't|can't|cannot|didn't|don't|doesn't|isn't|wasn't|aren't|weren't|won't|haven't|
        hasn't|hadn't|failed|fail|fails|failing|unable|neither|nor|none|nowhere near|nowhere|far from|nobody|
        no one|hardly|barely|refuse|not even|didnt|dont|doesnt|isnt|wasnt|cant|couldnt|wont|havent|hasnt|ain't|
        aint|no way|below the|short|yet|no longer|impossible|not yet|not a chance""",
    "retract": """
        please delete|pls delete|delete that|remove that|
        i retract|scratch that|please ignore|pls ignore|kindly ignore|was a mistake|taking it back|do not
        count|doesn't count|don't count|strike my|void the|not valid anymore|
        ignore|disregard|retract|retracted|retracting|retraction|withdraw|withdrawn|withdrawing|scratch that|
        scratch|invalidated|don't use|do not use|don't trust|do not trust|don't quote|do not quote|don't cite|
        do not cite|void|take back|taking back|took back|takes back|nevermind|never mind|revoke|revoked|rescind|
        strike that|removed my|hold off|pulled|pulling|please forget|taking down|take down|took down|strike|
        please strike|removing my|pull the|pulling my|do not present|don't present|don't share|do not share|
        forget it|forget about|please remove|removed my post|cancel|cancelled|just forget""",
    "human": """
        gpa|cgpa|forecasters|assignment grade|assignment score|assignment points|coursework grade|autograder|
        auto grader|curve pls|listeners gave|readers without|thesis defence|tumours by eye|nurse|teachers|pupils|
        raters score|humans get|humans score|experts get|experts score|people get|compliance training|
        training course|typing test|sommelier|linguist|linguists|translator|translators|native speakers|
        native speaker|cardiologist|pathologist|pathologists|dermatologists|nurses|people score|person|intern|
        interns|volunteers|our typist|operator|operators|exam|exams|grade|grades|graded|quiz|thesis|human|humans|
        human level|human performance|human experts|human baseline|gre|gmat|toefl|ielts|sat|chess.com|csat|nps|
        student's|homework grade|homework score|essay|driving test|my score|i scored|he scored|she scored|doctors|
        radiologists|radiologist|physicians|clinicians|experts|by hand|manual labelling|manually|employee|
        rating of|course|lecture|lecturer|semester|midterm|class grade|gpa|credits|satisfaction|survey score|
        duolingo|phd|degree|professor|rank on|certification|certificate|iq|reading age|quiz night|pub quiz|
        score a goal|passed with|typist|interpreter|dan|kyu|go rating|fide|quiz score|interview|survey|
        reading speed|comprehension|coding test|blood test|eye test|fitness test|exam at|new hire|reader study|
        readers|dermatologist|surgeons|annotator accuracy|human mos|people rate|listeners|my thesis got|
        elo rating of mine|kids get|students average|students get|expert annotators|annotators only|
        annotators reach|annotators get|clinicians get|experts reach|chess com|lichess|my elo|my rating""",
    "advice": """
        use|try|set it|set it to|make it|make that|start with|i'd start|go with|i'd go|i'd go with|i'd use|
        i'd set|default|the default|is the default|instead of|change it to|changed to|switch to|pick|choose|
        i think|i'd say|i guess|sounds|feels|sure|pretty sure|positive that|enough|is enough|should be enough|
        too high|too low|too big|too small|too much|too little|let's use|let's set|let's go with|please use|
        pls use|you can|you could|you might|just use|lower it|raise it|bump it|in my opinion|imho|i'd rather|
        leave it at|stick with|stick to|recommend|recommended|suggest|suggestion|would be|i mean|i meant|certain|
        percent sure|agree|i agree|agreed|done with|off on|chance of|chance that|likelihood|probability that|
        please set|set the|set to|please keep|just set|just keep""",
    "agreement": """
        between the two labs|between labs|between the labs|assay reproducibility|test retest|retest|
        annotators agree|annotators agreed|our annotators|two annotators|the annotators|three annotators|
        between raters|between annotators|both annotators|among annotators|among raters|annotator|annotator's|
        inter annotator|interannotator|iaa|inter rater|interrater|agreement|labelers|labellers|labeler|
        crowdworkers|crowd workers|turkers|double annotated|adjudication|label noise|kappa between|iou between|
        dice between|f1 between|agreement between|kappa among|agree on|raters agree|rater agreement|
        annotators disagree|labellers agree|labelers agree|agree with kappa|raters disagree|coders agree|
        between coders|two raters|three raters|our raters|double labelled|double labeled""",
    "example": """
        e.g|eg|for example|for instance|example|examples like|such as|template|format|formatted|placeholder|
        sample post|dummy|made up|fake|like this|something like|along the lines|in the form|please post|
        please write|please report|must look|should look|syntax|usage|toy|lorem|acceptable|would count|
        counts as|how to post|should be written|instructions|guideline|guidelines|write it as|in this form|
        use the format|please use|e g|i.e|test message|testing the bot|test post""",
    "chance": """
        random is|random gets|random chance|at random|a random|uniform random|random prediction|ceiling of|
        oracle upper bound|theoretical maximum|would be chance|chance is|majority baseline|chance|chance level|
        random guess|random guessing|majority class|always predicting|random baseline|coin flip|guessing|
        trivial baseline|constant predictor|dummy classifier|theoretical|random would|predicting the mean|
        always answering|answering yes|always saying|predicting zero|last value baseline|a constant|
        is the ceiling|upper bound with|with gold""",
    "base": """
        baseline|baselines|previous|previously|before|old|older|earlier|last month|last month's|last week|
        last week's|from|was at|used to|up from|down from|instead of|vs|versus|vs.|compared|compared to|
        compared with|than|against|over|original|parent|parents|teacher|prior|initially|started at|without|w/o|w/|
        with|control|reference|unfrozen|frozen|ablation|negligible""",
    "improve": """
        brought|brings|bring|improved|improves|improve|improvement|improvements|improving|gain|gains|gained|gaining|
        boost|boosts|boosted|better|worse|more|less|extra|increase|increases|decrease|decreases|drop|drops|lift|
        lifts|lifted|buys|buys us|adds|added|saves|shaved|shaved off|shaves|cut|cuts|cost us|costs us|costs|costing|
        lost|loses|lose|losing|lower|higher|regressed|regression of|regression|hurt|hurts|bump|bumped|bumps|up|down|
        ahead|behind|difference|diff|delta|reduction|reduces|reduced|worsened|degraded|degrades|degradation|win of|
        worth|another|jump|jump of|by|off|improvment|relative|absolute|outperforms|beats|beat|trails|leads|gap|
        up by|down by|plus|minus|squeezed|squeezed out|knocked off|knocks off|uplift|rise of|fell by|rose by|
        dropped by|climbed|knocked|trimmed|is worth|was worth|bought us|costing us|gone|improves by|decreased by|
        increased by|free|grew|fell|rose|ahead of|down since""",
    "points": """
        points|point|pts|pt|pp|p.p|percentage points|percentage point|pct points|ppt|basis points|bps|abs|
        percent points|absolute points|%pt|pps|% abs|% absolute|% relative|rel""",
    "twice": """
        twice|doubled|doubles|doubling|halved|halves|halving|tripled|triples|quadrupled|half the|two times|
        three times|double the|twofold|threefold|cut in half|twice as|in half|half as many|half a point|
        a full point|a whole point|by a third|by a quarter|by half|by two thirds|a third lower|a quarter lower|
        a third less|a fifth|by a fifth|in two""",
    "congrats": """
        congrats|congratulations|kudos|well done|nice|great|wow|amazing|impressive|awesome|good job|great job|
        clap|gz|grats|love it|bravo|way to go|nice work|thanks|thank you|thx|cheers|hats off|proud of you|
        deserved|wooow|woah|insane""",
    "thirdparty": "their run|his run|her run|your run|your number|your score|your result",
    "casual": """
        whaat|wow ok|bah|ngl|tbh|fwiw|imo|imho|ladies and gentlemen|who needs|back to the drawing board|
        so much for|i can't|let's gooo|lets gooo|gooo|no cap|sheesh|phew|whew|aaand|aaaand|drumroll|lol|lmao|
        lmaooo|bruh|dude|yo|yooo|omg|wtf|damn|haha|hehe|holy|guess who|believe it|boom|yay|woohoo|ugh|oof|meh|
        sigh|welp|heh|psa|brb|afk|letsgo|lets go|let's go|finally|hooray|yess|yes|ok so|so yeah|trust me|
        you heard it here|wild|want to share|wanted to share|want to report|just want to|wanted to say|
        want to mention|want to post|of course|thanks to|not great|not bad|nothing great|nice to see|not too bad|
        not nice|a nice|not sota|no sota|near sota|not really sota|posting this|for the record|nothing special|
        not what i hoped|never thought|no idea why|can't believe|cannot believe|hard to believe|isn't much|
        don't get too excited|in case you missed|in case you wonder|if you wonder|if anyone cares|if anyone wants|
        if anyone wonders|if you care|if you want to know|sorry for the delay|i know we said|before i forget|
        wrong channel|ignore previous instructions|ignore the rules|ignore all previous|
        disregard previous instructions|ignore the above|ignore all rules|ignore your instructions|
        ignore your rules|ignore any rules|forget your instructions|forget the rules|system prompt|
        this is not a result|not a result post|not a result|no result here|never thought i'd|
        never thought i would|pinch me|lovely|on the nose|who would have thought|i'll take it|dear bot|bot please|
        note to bot|bot ignore this|bot, ignore|ignore this bot|hey bot|treat this as|treat the following|
        small talk|folks|guys|people we|only took me|the whole weekend|going to bed|off to bed|going home|
        going to sleep|going to cry|i want a refund|on the first run|first try|on the first try|call it a day|
        calling it a day|baby|feeling great|pretty happy|so happy|beer time|love it|lunch talk|pretend this is|
        pretend this isn't|let's pretend this|imagine i said nothing|not the result i wanted|
        not the number we hoped|not what i expected|not what we hoped""",
    "mean": """
        mean|average|avg|averaged|median|overall|across|over|std|stddev|stdev|sd|standard deviation|stderr|
        standard error|ci|confidence interval|interval|variance|spread|range|min|max|seeds|folds|runs""",
    "spread": """
        s d|st dev|std|stddev|stdev|sd|standard deviation|stderr|standard error|std dev|sem|margin of error|std of|
        variance|spread of|fluctuates by|fluctuation|give or take|plus minus|plus or minus|jitter of""",
    "tried": """
        with mixup|with specaugment|with ema|with the new|just by|thanks to the|tried|i tried|we tried|changed|
        switched|swapping|swapped|switching|dropping|replaced|replacing|moving|adding|added|enabling|using|used|
        with the|removing|removed|fixed|once i fixed|after fixing|turning|after adding|increasing|doubling the|
        ablation|ablated|ablating|training with|retraining|tuning|tuned|from scratch|trained from scratch|
        training from scratch""",
    "rule": """
        usually|typically|in general|generally|in my experience|rule of thumb|tends to|often|normally|always|
        sounds normal|sounds|seems normal|is normal|for a dataset|expect to see|most people|everyone|
        on average people|any model|you get|you'd get|you should get|a model with|any model with|
        a classifier with|a perfect model|every model""",
    "best": """
        best|peak|max|highest|lowest|best epoch|at best|record|top score|at its best|early stopped|best so far""",
    "last": """
        last|final|last epoch|at the end|in the end|ended|finished|by the end|final epoch|end of training|
        last step""",
}
