"""Cue words of other languages (de, fr, es, pt, it, nl, ru, tr, vi, ja, ko), Latin accents dropped."""

from __future__ import annotations

OTHER: dict[str, str] = {
    "own": """
        wir|unser|unsere|unseres|unserem|ich|mein|meine|nous|notre|nos|mon|ma|mes|j'ai|nosotros|nuestro|nuestra|
        nuestros|mi|mis|nosso|nossa|meu|minha|noi|nostro|nostra|mio|mia|wij|we|ons|onze|mijn|мы|наш|наша|наше|
        нашей|нашего|мой|моя|моей|у нас|у меня|biz|bizim|benim|modelimiz|modelin|chung toi|cua toi|mo hinh|minh|
        私|僕|俺|私たち|弊社|うち|うちの|今回|自分|우리|우리의|저희|제|내|내가|제가|이번""",
    "thing": """
        das modell|unser modell|le modele|el modelo|o modelo|il modello|het model|модель|model|モデル|모델|
        modell|modele|modelo|modello""",
    "fault": """
        fehler|falsch|irrtum|erreur|faux|fuite|error mio|equivocado|fuga|erro|errado|vazamento|errore|sbagliato|
        fout|verkeerd|lek|ошибка|ошибся|неверно|утечка|yanlis|hata|sizinti|sai|loi|ro ri|間違|間違い|誤り|
        リーク|訂正|バグ|잘못|오류|누수|정정|버그""",
    "puzzle": """
        warum|wieso|pourquoi|por que|perche|waarom|почему|neden|tai sao|なぜ|どうして|왜|normal|c'est normal|
        ist das normal|es normal|e normale""",
    "reached": """
        erreicht|erreichte|erreichen wir|liegt bei|lag bei|kommt auf|kam auf|landet bei|landete bei|ergibt|
        ergab|erzielt|erzielte|liegt|gesunken auf|gefallen auf|gestiegen auf|sank auf|stieg auf|schafft|
        geschafft|bekommen|atteint|a atteint|atteignons|obtient|obtenu|obtenons|on obtient|on a obtenu|
        descend a|descendue a|tombe a|monte a|passe a|est de|arrive a|on arrive|sort a|donne|alcanza|alcanzo|
        alcanzamos|obtuvo|obtuvimos|obtiene|llega|llego|llegamos|llegado|bajo a|subio a|baja a|sube a|logramos|
        logro|da|dio|quedo en|queda en|se quedo|atingiu|atinge|atingimos|alcancou|chegou|chegamos|obteve|
        obtivemos|caiu para|subiu para|ficou em|deu|raggiunge|ha raggiunto|raggiunto|abbiamo raggiunto|arriva|
        arrivata|arrivato|siamo arrivati|ottiene|ottenuto|scesa|sceso|scende|salita|salito|e arrivata|haalt|
        haalde|bereikt|bereikte|komt uit op|kwam uit op|zit op|gezakt naar|gestegen naar|behaalt|behaalde|
        достиг|достигла|достигли|получили|получил|получила|вышло|вышли|упал до|упала до|вырос до|выросла до|
        поднялась до|дошли до|дошел|показала|показал|показывает|составила|составляет|выдала|выдает|набрала|
        добились|стало|ulasti|ulastik|cikti|dustu|yukseldi|elde ettik|aldi|aldik|geldi|oldu|veriyor|dat|
        dat duoc|dat toi|len|xuong|giam xuong|tang len|duoc|dat muc|ra|達した|達しました|到達|到達しました|
        出ました|出た|なりました|なった|でした|です|だった|まで上がり|まで下が|下がりました|上がりました|
        まで下がった|まで上がった|になりました|を記録|達成|達成しました|달성|달성했|달성했습니다|나왔|
        나왔습니다|나왔어요|나옴|기록|기록했|도달|입니다|이다|이에요|올랐|올랐습니다|떨어졌|떨어졌습니다|찍었|
        찍음|했습니다|됐습니다|였습니다|나와요|까지|습니다|まで""",
    "now": """
        jetzt|aktuell|endlich|gerade|fertig|derzeit|heute|bisher|maintenant|enfin|actuellement|aujourd'hui|
        termine|fini|ahora|por fin|actualmente|hoy|terminado|agora|finalmente|atualmente|hoje|terminou|adesso|
        ora|oggi|attualmente|nu|eindelijk|momenteel|vandaag|klaar|сейчас|наконец|теперь|сегодня|пока|готово|
        только что|simdi|su an|nihayet|bugun|bitti|hien tai|bay gio|cuoi cung|hom nay|xong|今|現在|ついに|
        やっと|今日|今朝|最終|完了|終わりました|終わった|지금|현재|드디어|방금|오늘|최종|완료|끝났|nach|apres|
        depois de|despues de|после|sonra|sau|dopo|na""",
    "is": """
        ist|war|betragt|est|etait|es|era|fue|e|foi|sono|is|was|составил|это|la|là|は|が|은|는|이|가|de|di|von|
        bei|auf|a|à|op|до|на|en""",
    "goal": """
        ziel|zielwert|wollen|will|mochte|mochten|sollen|soll|sollte|sollten|muss|mussen|mindestens|plan|geplant|
        hoffen|hoffe|versuchen|versuche|anstreben|peilen|brauchen|bis ende|vise|visons|on vise|objectif|but|
        voulons|veux|voudrais|doit|devons|devrait|il faut|au moins|minimum|esperons|espere|essayer|essayons|prevu|
        objetivo|meta|queremos|quiero|debe|debemos|deberia|al menos|por lo menos|esperamos|intentar|necesitamos|
        hay que|quero|precisamos|deve|devemos|pelo menos|tentar|obiettivo|vogliamo|voglio|dobbiamo|dovrebbe|
        almeno|speriamo|cerchiamo|doel|willen|wil|moeten|moet|minstens|proberen|probeer|hopen|hoop|streven|цель|
        хотим|хочу|нужно|надо|должны|должна|должен|минимум|не менее|планируем|план|надеемся|попробуем|требуется|
        требуют|hedef|hedefimiz|istiyoruz|istiyorum|gerek|gerekiyor|en az|lazim|planliyoruz|umuyoruz|calisacagiz|
        muc tieu|muon|can dat|phai|it nhat|hy vong|ke hoach|co gang|目標|目指|目指す|目指して|目指します|したい|
        たい|必要|以上に|べき|予定|ほしい|欲しい|ようにする|목표|원합니다|싶|해야|최소|필요|계획|예정|노력|
        이상이어야|하려고|haalt iemand|verlangt|vereist|exige|requiere|requer|richiede|を目標に|目標に|目標は|
        を目指|il nous faut|nous faut|avant la mise en production|schaffen wir|schafft ihr|brauchen noch|목표로|
        목표는""",
    "future": """
        morgen|nachste woche|bald|werden|wird|voraussichtlich|wahrscheinlich|vielleicht|konnte|demain|
        semaine prochaine|bientot|sera|devrait|peut etre|probablement|d'ici|d'ici la|d'ici la fin|manana|
        proxima semana|pronto|probablemente|quizas|podria|amanha|provavelmente|talvez|domani|prossima settimana|
        presto|probabilmente|forse|volgende week|binnenkort|zal|waarschijnlijk|misschien|завтра|
        на следующей неделе|скоро|будет|вероятно|возможно|может|наверное|yarin|haftaya|yakinda|olacak|belki|
        muhtemelen|ngay mai|tuan sau|se|co le|sap|明日|来週|だろう|でしょう|かも|かもしれ|見込み|予想|これから|
        まもなく|내일|다음 주|다음주|아마|것 같|겠|예상|할 것|될 것|곧|할게요|하겠습니다|볼게요|될까""",
    "hypothetical": """
        이면|이라면|면 괜찮|ば|wenn|falls|angenommen|wurde|ware|hatte|si|supposons|serait|aurait|imaginons|
        suponiendo|supongamos|seria|se|supondo|supponiamo|sarebbe|als|stel|zou|если|допустим|предположим|бы|eger|
        diyelim|olsaydi|neu|gia su|もし|仮に|なら|たら|만약|만일|라면|다면|가정|나오면|넘으면|되면|하면|면""",
    "asks": """
        ですか|ますか|でしょうか|ませんか|나요|까요|습니까|인가요|hat jemand|weiss jemand|quelqu'un|alguien|
        alguem|qualcuno|heeft iemand|кто нибудь|co ai|var mi""",
    "wh": """
        wer hat|was|welche|welcher|welches|welchen|wie|wieviel|warum|wann|wo|qui|quel|quelle|quels|comment|
        pourquoi|combien|quand|quien|que|cual|como|por que|cuanto|cuando|quem|qual|quanto|quando|chi|quale|
        perche|come|welke|hoe|waarom|hoeveel|кто|какой|какая|какую|какое|сколько|как|почему|когда|kim|ne|hangi|
        nasil|neden|kac|ai|nao|bao nhieu|tai sao|the nao|gi|誰|何|どの|どれ|いくつ|どう|なぜ|どうして|いつ|どこ|
        누가|누구|뭐|무엇|어떤|얼마|왜|언제|어떻게|몇""",
    "ask": """
        인가요|한가요|가요|괜찮은 편|괜찮은|どう思|いかが|hat jemand|jemand|gibt es|kann jemand|quelqu'un|
        est ce que|y a t il|alguien|hay|alguem|qualcuno|c'e|iemand|кто нибудь|ли|есть ли|у кого|kimse|var mi|mi|
        mu|co ai|khong|ですか|ますか|でしょうか|か？|ません か|かな|ないですか|ありますか|나요|까요|습니까|
        있나요|을까|ㄹ까|나요?|던가요|니""",
    "you": """
        du|ihr|dein|deine|euer|eure|sie|tu|vous|ton|ta|votre|vos|vosotros|ustedes|tu modelo|voce|voces|seu|sua|
        voi|tuo|tua|vostro|jij|je|jullie|jouw|ты|вы|твой|твоя|ваш|ваша|у вас|у тебя|sen|siz|senin|sizin|ban|
        あなた|君|皆さん|みなさん|당신|너|여러분""",
    "they": """
        sie haben|er|ihre|der kunde|die konkurrenz|ils|elles|leur|leurs|ellos|ellas|su|sus|el cliente|eles|elas|
        deles|o cliente|loro|il cliente|zij|hun|de klant|они|их|он|она|его|ее|заказчик|конкуренты|onlar|musteri|
        ho|khach hang|彼ら|彼|彼女|顧客|クライアント|他社|그들|고객|경쟁사""",
    "said": """
        sagt|sagte|gesagt|behauptet|laut|angeblich|dit|selon|pretend|parait|dice que|dijo|segun|dicen|disse|diz|
        segundo|secondo|zegt|zei|volgens|сказал|сказала|говорит|говорят|по словам|якобы|утверждает|dedi|diyor|
        gore|noi|theo|によると|と言って|らしい|って言|そうです|そうだ|에 따르면|라고|다고|래요|하더라""",
    "paper": """
        artikel|veroffentlicht|autoren|veroffentlichung|studie|article|auteurs|publie|papier|l'article|etude|
        articulo|autores|publicado|el paper|estudio|artigo|o artigo|estudo|articolo|autori|pubblicato|studio|
        gepubliceerd|статья|статье|статьи|авторы|авторов|в работе|опубликован|makale|makalede|yazarlar|bai bao|
        tac gia|論文|著者|先行研究|論文の|論文では|公式|発表|記事|논문|저자|논문에서|논문의|공식|발표|선행 연구|
        bericht""",
    "notbut": """
        statt|anstatt|au lieu de|en lugar de|en vez de|em vez de|invece di|in plaats van|вместо|yerine|thay vi|
        ではなく|じゃなく|아니라""",
    "bound": """
        uber|unter|mindestens|au dessus|au moins|plus de|moins de|mas de|menos de|por encima|acima|sopra|oltre|
        boven|onder|выше|ниже|больше|меньше|ustu|ustunde|alti|tren|duoi|以上|以下|未満|超え|이상|이하|미만|넘""",
    "negative": """
        nicht|kein|keine|nie|niemals|noch nicht|ne|pas|jamais|aucun|aucune|no|nunca|ningun|ninguna|aun no|
        todavia no|nao|nenhum|ainda nao|non|mai|nessun|nessuna|niet|geen|nooit|nog niet|не|нет|ни|никогда|
        пока не|degil|yok|hic|olmadi|ulasamadi|khong|chua|chang|ない|ません|なかった|できない|できませんでした|
        届かない|まだ|않|못|없|안|아직|아니|実現でき|超えられ""",
    "retract": """
        ignoriert|vergesst|zuruckgezogen|ungultig|ignorez|retire|oubliez|ignoren|retiro|olviden|ignorem|
        retirado|ignorate|ritirato|negeer|ingetrokken|игнорируйте|отзываю|забудьте|gecersiz|bo qua|撤回|無視|
        取り消|철회|무시|취소""",
    "human": """
        prufung|note|klausur|examen|nota|esame|voto|tentamen|cijfer|экзамен|оценка|оценку|sinav|diem thi|試験|
        点数|テストで点|시험|학점|menschen|humains|humanos|人間|사람""",
    "advice": """
        nimm|setz|setze|probier|nehmt|verwende|glaube|denke|genug|reicht|standard|mets|utilise|essaie|prends|
        je pense|suffit|par defaut|usa|pon|prueba|creo|pienso|basta|suficiente|por defecto|설정|해 보세요|
        해보세요|충분|같아요|使って|試して|設定|十分|と思います|にして|で十分|デフォルト""",
    "agreement": """
        annotatoren|annotateurs|anotadores|annotatori|annotator ubereinstimmung|accord inter|разметчики|
        разметчиков|アノテーター|一致率|어노테이터|주석자|ubereinstimmung|acuerdo entre|accord entre""",
    "hyper": """
        lernrate|batchgrosse|schwellwert|schwelle|taux d'apprentissage|seuil|tasa de aprendizaje|umbral|
        taxa de aprendizado|limiar|tasso di apprendimento|soglia|leersnelheid|drempel|порог|скорость обучения|
        батч|шаг|ogrenme orani|esik|toc do hoc|nguong|学習率|バッチサイズ|閾値|しきい値|エポック|학습률|배치|
        배치 크기|임계값|에폭|드롭아웃|epochen|epoques|epocas|epoche|эпох|эпохи|эпоху|tijdperken|gewicht|poids|
        peso|вес|重み|가중치|温度|온도""",
    "system": """
        speicher|festplatte|auslastung|voll|rechner|server|knoten|uhr|minuten|stunden|sekunden|disque|memoire|
        machine|plein|serveur|noeud|heures|disco|memoria|servidor|maquina|lleno|horas|minutos|nodo|cheio|pieno|
        ore|minuti|schijf|geheugen|vol|uur|диск|память|сервер|заполнен|узел|часов|часа|минут|сборка|шаге|очередь|
        очереди|загрузка|видеокарта|bellek|sunucu|dolu|saat|dakika|o dia|bo nho|day|gio|phut|メモリ|ディスク|
        使用率|サーバ|サーバー|時間|時から|会議|ビルド|稼働率|메모리|디스크|사용률|서버|시간|분|시에|회의|빌드|
        대기열|kubernetes|temperatura|reunion|reuniao|riunione|besprechung|vergadering|встреча|совещание|toplanti|
        hop|euro|euros|budget|presupuesto|orcamento|бюджет|руб|円|원""",
    "data": """
        daten|datensatz|bilder|beispiele|klassen|donnees|jeu de donnees|images|exemples|classes|datos|
        conjunto de datos|imagenes|ejemplos|clases|dados|imagens|exemplos|dati|immagini|esempi|classi|gegevens|
        afbeeldingen|voorbeelden|данные|данных|датасет|изображений|примеров|классов|пропусков|veri|gorsel|ornek|
        sinif|du lieu|anh|mau|lop|データ|画像|サンプル|クラス|件|枚|欠損|ラベル|데이터|이미지|샘플|클래스|개|장|
        결측|라벨""",
    "base": """
        vorher|zuvor|statt|gegenuber|im vergleich|avant|auparavant|au lieu de|contre|par rapport|antes|
        en lugar de|frente a|comparado|em vez de|contra|prima|invece di|rispetto|voorheen|in plaats van|
        vergeleken|раньше|было|вместо|против|по сравнению|с|onceki|once|yerine|truoc|thay vi|so voi|から|前|
        より|以前|ベースライン|従来|比べ|에서|이전|보다|대신|베이스라인|기존|대비|von|de|da|desde""",
    "improve": """
        verbessert|verbesserung|besser|schlechter|mehr|weniger|gewinn|um|ameliore|amelioration|gain|mieux|gagne|
        perd|de plus|de moins|mejora|mejor|peor|gana|pierde|mas|menos|melhora|melhorou|ganho|pior|mais|migliora|
        migliorato|guadagno|meglio|peggio|piu|meno|verbeterd|verbetering|beter|slechter|winst|улучшил|
        улучшилась|улучшение|лучше|хуже|прирост|выросла на|упала на|больше|меньше|artti|iyilesti|iyilesme|kotu|
        daha iyi|artis|cai thien|tot hon|tang|giam|向上|改善|上昇|下がった|増加|減少|アップ|ダウン|향상|개선|
        상승|하락|증가|감소|올랐|떨어|좋아|나빠""",
    "points": """
        punkte|prozentpunkte|punkt|prozentpunkt|points de pourcentage|puntos|puntos porcentuales|pontos|
        pontos percentuais|punti|punti percentuali|procentpunten|punten|пункта|пунктов|пункт|п.п|puan|diem|
        ポイント|포인트|%p|퍼센트포인트|点""",
    "twice": """
        verdoppelt|halbiert|double|divise par deux|duplicado|reducido a la mitad|dobrou|raddoppiato|verdubbeld|
        вдвое|ikiye katlandi|gap doi|半分|倍|두 배|절반""",
    "congrats": """
        gluckwunsch|super|toll|felicitations|bravo|felicidades|enhorabuena|parabens|complimenti|gefeliciteerd|
        поздравляю|круто|молодцы|tebrikler|chuc mung|おめでとう|すごい|お疲れ|축하|대박|수고""",
    "example": """
        z.b|zum beispiel|beispielsweise|par exemple|por ejemplo|por exemplo|ad esempio|bijvoorbeeld|например|
        ornegin|vi du|例えば|たとえば|예를 들어|예시|예:""",
    "model_noun": "modell|modele|modelo|modello|netz|lauf|run|модель|сеть|ag|モデル|모델|モデルの|学習済み|학습",
    "mean": """
        durchschnitt|mittel|mittelwert|moyenne|promedio|media|gemiddelde|среднее|в среднем|ortalama|trung binh|
        平均|평균|seeds|標準偏差|표준편차""",
    "best": """
        beste|bester|bestes|meilleur|meilleure|mejor|melhor|migliore|лучший|лучшая|лучшее|en iyi|tot nhat|最高|
        最良|ベスト|최고|최고치|베스트""",
    "last": """
        letzte|final|finale|derniere|ultima|ultimo|laatste|последняя|финальный|son|cuoi|最終|最後|마지막|최종""",
    "tried": """
        mit|durch|nach dem wechsel|avec|grace a|con|gracias a|com|gracas a|met|dankzij|с новым|после|ile|voi|
        を使って|変えたら|入れたら|にしたら|으로 바꾸|적용|추가""",
}
