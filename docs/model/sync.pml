/* The sync protocol, small enough for Spin to try every order of events.
 * Headings in quotes are those of docs/SYNC-PROTOCOL.md. How to run it: README.md.
 *
 * A phone has no state but its storage, and every step of it is one storage transaction. So a phone killed between
 * two steps is a phone that takes no further step for a while, and a request or reply that is lost is a step not
 * taken, or taken by the server only. A reply is stored in the step that gave it: nobody but its phone reads the
 * storage, so storing it later comes to the same. Retries, halved batches and time-outs are all "send any entry again".
 */

#ifndef DEVICES
#define DEVICES 2  /* device 0 and 2 are user 0's, device 1 is user 1's */
#endif
#ifndef MUTS
#define MUTS 2     /* mutations device 0 makes, at most */
#endif
#ifndef OTHERS
#define OTHERS 1   /* and the other devices */
#endif
#ifndef ROWS
#define ROWS 2     /* row r is of bucket r % 2 */
#endif
#ifndef MOVES
#define MOVES 1    /* joins and leaves */
#endif
#ifndef DELETES
#define DELETES 0
#endif
#ifndef BOOTS
#define BOOTS 0
#endif
#ifndef RESTORES
#define RESTORES 0
#endif

#define LIVES   (1 + BOOTS + RESTORES)
#define LATER   (BOOTS + RESTORES) /* without a second life, phones need not remember what they were told */
#define TURNS   4  /* once faults stop, everything has to be settled after so many turns of each phone */

#define USER(d)    ((d) % 2)
#define PAIR(u, b) ((u) * 2 + (b))
#define BUCKET(r)  ((r) % 2)
#define MUT(d, k)  ((d) * MUTS + (k))         /* k counts from 0; on the wire n = k + 1 */
#define TARGET(d, k) (((d) + (k)) % ROWS)     /* the row it writes */
/* What the server would say now: of an emptied one, that it makes no sense; to who is no member, that it is kept. */
#define WANTS(d, k) (HAS(phone[d].spend, k) -> REJECTED : (MEMBER(USER(d), BUCKET(TARGET(d, k))) -> APPLIED : ESCROWED))
#define MEMBER(u, b) db.member[PAIR(u, b)]
#define DUE(d)    (phone[d].outbox | phone[d].spend)
#define HAS(set, k) ((set) & (1 << (k)))
#define ADD(set, k) set = set | (1 << (k))
#define CUT(set, k) set = set & ~(1 << (k))

/* "Push", results. Zero: not decided. */
#define APPLIED  1
#define REJECTED 2
#define ESCROWED 3

/* "What the server keeps": all that a backup holds. */
typedef Db {
	byte seq;                                /* _sync_seq */
	byte mark[LIVES + 1];                    /* _sync_mark: the first number of each life, 0 = a life unknown here */
	byte val[ROWS]; byte at[ROWS];           /* _sync_row: who wrote it last (0 = gone), and its number */
	bool member[4]; byte since[4];           /* _sync_member, by PAIR */
	byte outcome[DEVICES * MUTS]; byte no[DEVICES * MUTS]; /* _sync_mut, and the number of what was applied */
	byte times[DEVICES * MUTS]               /* how often it was applied: for the assertions only */
};

/* A phone's storage. Sets are bits. */
typedef Store {
	byte made;                               /* how many mutations the person has made */
	byte outbox;                             /* unsent, or sent without an answer */
	byte acked; byte reach[MUTS];            /* applied; waits for a pull to reach its number */
	byte kept;                               /* applied and passed by a pull; kept for a server put back */
	byte tray;                               /* rejected: kept until the person has dealt with it */
	byte escrow;                             /* escrowed: its text is the server's alone */
	byte spend;                              /* of those: the number is to be used up on a server put back */
	byte since; byte high; byte after;       /* the cursor; during a round, where it goes and the last bucket held */
	byte seenSeq; byte seenLife;             /* `seen` */
	bool holds[2]; byte val[ROWS]            /* the boxes */
};

Db db, backup;
hidden Db none;
Store phone[DEVICES];
byte life = 1;
bool backedUp, calm;
byte moves, deletes, boots, restores;

hidden byte i, j, t, b, b2, r, m, first, top, more, turn, dd, kk;
hidden byte known, joined, fresh;

/* ---- the server ------------------------------------------------------------------------------------------------ */

/* "Values": the epoch of a number is the tag of the newest mark at or below it. */
inline epochOf(number, tag) {
	tag = 0; i = 1;
	do
	:: i <= LIVES -> if :: db.mark[i] && db.mark[i] <= number -> tag = i :: else fi; i++
	:: else -> break
	od
}

/* A boot is a new life. Its mark is the next number: the last one given belongs to the life before. */
inline boot() {
	life++;
	printf("server: life %d begins at number %d\n", life, db.seq + 1);
#ifdef MARKLOW
	db.mark[life] = db.seq;
#else
	db.mark[life] = db.seq + 1;
#endif
}

/* "Values", `seen`: does this server know the pair the phone was told? */
inline know(d) {
	known = true;
#ifndef NOEPOCH
	if
	:: phone[d].seenSeq ->
		epochOf(phone[d].seenSeq, t);
		known = (phone[d].seenSeq <= db.seq && t == phone[d].seenLife)
	:: else
	fi;
#endif
	assert(known || restores) /* a server that was not put back is never taken for one that was */
}

inline nextOf(d) { /* the number that is to come, from 0 */
	first = 0;
	do
	:: first < MUTS && db.outcome[MUT(d, first)] -> first++
	:: else -> break
	od
}

/* "What the server does": write, number and outcome are one transaction; the number is taken inside it. */
inline apply(d, k, number) {
	m = MUT(d, k);
	nextOf(d);
	assert(k <= first); /* decided in the order of the numbers */
#ifndef EARLYSEQ
	db.seq++; number = db.seq;
#endif
	db.val[TARGET(d, k)] = m + 1;
	db.at[TARGET(d, k)] = number;
	db.times[m]++;
	assert(db.times[m] == 1); /* applied at most once */
	db.outcome[m] = APPLIED;
	db.no[m] = number
}

inline copy(to, from) {
	to.seq = from.seq;
	i = 0; do :: i <= LIVES -> to.mark[i] = from.mark[i]; i++ :: else -> break od;
	i = 0; do :: i < ROWS -> to.val[i] = from.val[i]; to.at[i] = from.at[i]; i++ :: else -> break od;
	i = 0; do :: i < 4 -> to.member[i] = from.member[i]; to.since[i] = from.since[i]; i++ :: else -> break od;
	i = 0;
	do
	:: i < DEVICES * MUTS ->
		to.outcome[i] = from.outcome[i]; to.no[i] = from.no[i]; to.times[i] = from.times[i];
		i++
	:: else -> break
	od
}

/* ---- the phone's transactions ---------------------------------------------------------------------------------- */

/* "Values" of push replies and ends: the highest number ever told, and its epoch. */
inline told(d, number) {
	if
	:: LATER && number > phone[d].seenSeq ->
		phone[d].seenSeq = number;
		epochOf(number, phone[d].seenLife)
	:: else
	fi
}

/* "Errors", 409 sync.restored: numbers stay; what was decided is unsent again; cursor and seen are forgotten. */
inline restored(d) {
	printf("phone %d: the server was put back\n", d);
	phone[d].outbox = phone[d].outbox | phone[d].acked | phone[d].tray;
	phone[d].acked = 0; phone[d].tray = 0;
#ifndef FORGETACKED
	phone[d].outbox = phone[d].outbox | phone[d].kept;
	phone[d].kept = 0;
#endif
	phone[d].spend = phone[d].escrow;
	j = 0; do :: j < MUTS -> phone[d].reach[j] = 0; j++ :: else -> break od;
	phone[d].since = 0; phone[d].high = 0; phone[d].after = 0;
	phone[d].seenSeq = 0; phone[d].seenLife = 0
}

/* "Push": the durable outcome is stored, and only then the entry leaves the outbox. */
inline settle(d, k) {
	m = MUT(d, k);
	if
	:: HAS(phone[d].spend, k) -> CUT(phone[d].spend, k)
	:: HAS(phone[d].outbox, k) ->
		CUT(phone[d].outbox, k);
		if
		:: db.outcome[m] == APPLIED -> ADD(phone[d].acked, k); phone[d].reach[k] = db.no[m]
#ifdef DROPREJECT
		:: db.outcome[m] == REJECTED -> skip
#else
		:: db.outcome[m] == REJECTED -> ADD(phone[d].tray, k)
#endif
		:: db.outcome[m] == ESCROWED -> ADD(phone[d].escrow, k)
		:: else -> assert(false) /* a reply has an outcome */
		fi
	:: else
	fi;
	told(d, db.seq)
}

/* "Push", one mutation: looked up, put off, or decided as `verdict` (0: this request cannot). If `heard`, the reply
 * comes through and is stored. */
inline push(d, k, verdict, number, heard) {
	printf("phone %d: push n %d, which the server would answer with %d; reply heard: %d\n", d, k + 1, verdict, heard);
	know(d);
	if
	:: !known -> if :: heard -> restored(d) :: else fi
	:: else ->
		m = MUT(d, k);
		nextOf(d);
		if
#ifndef NODEDUP
		:: db.outcome[m] -> if :: heard -> settle(d, k) :: else fi        /* duplicate */
#endif
#ifndef GAPAPPLIED
		:: !db.outcome[m] && k > first ->                                 /* deferred: gap */
			if
			:: heard && (phone[d].acked | phone[d].kept | phone[d].tray | phone[d].escrow & ~phone[d].spend) >> first ->
				assert(restores); /* only a server put back lacks what it had decided */
				restored(d)
			:: else
			fi
#endif
		:: else ->
			if
			:: verdict == APPLIED -> apply(d, k, number)
			:: verdict > APPLIED -> db.outcome[m] = verdict               /* the note of a refusal */
			:: else
			fi;
			if :: heard && verdict -> settle(d, k) :: else fi
		fi
	fi
}

#define AFFECTED(u, b) ( \
	db.since[PAIR(u, b)] > phone[dd].since && (db.member[PAIR(u, b)] || phone[dd].since) || \
	db.member[PAIR(u, b)] && CHANGED(b) )
#if ROWS == 2
#define CHANGED(b) (db.at[b] > phone[dd].since)
#else
#define CHANGED(b) (db.at[b] > phone[dd].since || db.at[(b) + 2] > phone[dd].since)
#endif

/* "Pull": one page from one snapshot. A page holds one bucket here, so two buckets make a round of two pages.
 * A page lost, or without its `end` line, is no step. If not `whole`, the phone dies between cursor and rows. */
inline pull(d, whole) {
	dd = d;
	printf("phone %d: pull since %d high %d after %d, whole: %d; the server is at %d\n",
		d, phone[d].since, phone[d].high, phone[d].after, whole, db.seq);
	know(d);
	if
	:: !known -> restored(d)
	:: else ->
		fresh = (phone[d].since == 0 && phone[d].high == 0);
		top = (phone[d].high -> phone[d].high : db.seq);
		b = phone[d].after;
		do
		:: b < 2 && !AFFECTED(USER(d), b) -> b++
		:: else -> break
		od;
		b2 = b + 1;
		do
		:: b2 < 2 && !AFFECTED(USER(d), b2) -> b2++
		:: else -> break
		od;
		more = (b2 < 2);

		if
		:: fresh && whole -> drop(d, 0); drop(d, 1)
		:: else
		fi;
		if
		:: b < 2 && whole -> rows(d, b)
		:: else
		fi;
		if
		:: more -> phone[d].high = top; phone[d].after = b + 1
		:: else ->
#ifdef HIGHMOVES
			top = db.seq;
#endif
			assert(top >= phone[d].since); /* a cursor never goes back within an epoch */
			phone[d].since = top; phone[d].high = 0; phone[d].after = 0
		fi;
#ifdef SEENROUND
		told(d, phone[d].since);
#else
		told(d, db.seq); /* not the round's number: rows of this page may be newer than that */
#endif
		/* "Pull" 5: an acknowledged entry that the round has passed is on the screen as a row */
		if
		:: !more ->
			j = 0;
			do
			:: j < MUTS ->
				if
				:: HAS(phone[d].acked, j) && phone[d].reach[j] <= phone[d].since ->
					CUT(phone[d].acked, j); ADD(phone[d].kept, j); phone[d].reach[j] = 0
				:: else
				fi;
				j++
			:: else -> break
			od
		:: else
		fi
	fi
}

inline drop(d, bucket) {
	phone[d].holds[bucket] = false;
	r = bucket;
	do :: r < ROWS -> phone[d].val[r] = 0; r = r + 2 :: else -> break od
}

/* The lines of one bucket: `leave`; or all of it, `full`; or what is newer than the cursor, rows and `gone`. */
inline rows(d, bucket) {
	if
	:: !db.member[PAIR(USER(d), bucket)] -> drop(d, bucket)
	:: else ->
		joined = (db.since[PAIR(USER(d), bucket)] > phone[d].since);
		phone[d].holds[bucket] = true;
		r = bucket;
		do
		:: r < ROWS ->
			if :: joined || db.at[r] > phone[d].since -> phone[d].val[r] = db.val[r] :: else fi;
			r = r + 2
		:: else -> break
		od
	fi
}

/* ---- what must always hold ------------------------------------------------------------------------------------- */

inline check(d) {
	/* the sets are disjoint, and together all that was made */
	assert(phone[d].outbox + phone[d].acked + phone[d].kept + phone[d].tray + phone[d].escrow == (1 << phone[d].made) - 1); /* every mutation is in exactly one place */
	assert((phone[d].outbox | phone[d].acked | phone[d].kept | phone[d].tray | phone[d].escrow) == (1 << phone[d].made) - 1); /* every mutation is in exactly one place */
	kk = 0;
	do
	:: kk < phone[d].made ->
		m = MUT(d, kk);
		assert(restores || !HAS(phone[d].acked | phone[d].kept, kk) || db.times[m] == 1); /* what is acknowledged is there */
		assert(restores || !HAS(phone[d].tray, kk) || db.outcome[m] == REJECTED); /* what is rejected is kept on both sides */
		assert(restores || !HAS(phone[d].escrow, kk) || db.outcome[m] == ESCROWED); /* what is escrowed is kept on the server */
		kk++
	:: else -> break
	od;
	kk = 0
}

/* Once faults have stopped and every phone had its turns. */
inline checkQuiet(d) {
	check(d);
	assert(!phone[d].outbox && !phone[d].spend); /* the outbox drains */
	assert(!phone[d].acked); /* a pull passes what was acknowledged */
	kk = 0;
	do
	:: kk < phone[d].made ->
		m = MUT(d, kk);
		assert(db.outcome[m] || restores && HAS(phone[d].tray | phone[d].escrow, kk)); /* every mutation is decided */
		assert(!HAS(phone[d].kept, kk) || db.times[m] == 1 && db.outcome[m] == APPLIED); /* what is acknowledged is there, or was sent again */
		kk++
	:: else -> break
	od;
	b = 0;
	do
	:: b < 2 ->
		assert(phone[d].holds[b] == db.member[PAIR(USER(d), b)]); /* a member holds the box, nobody else does */
		b++
	:: else -> break
	od;
	r = 0;
	do
	:: r < ROWS ->
		assert(phone[d].val[r] == (phone[d].holds[BUCKET(r)] -> db.val[r] : 0)); /* a box is what the server has */
		r++
	:: else -> break
	od
}

/* ---- who acts -------------------------------------------------------------------------------------------------- */

#define ANSWER(verdict, heard) \
	d_step { push(d, k, verdict, number, heard); check(d); k = 0; refusal = 0; asked = 0; number = 0 }

/* A phone and the requests it makes, in any order and as often as it likes. */
proctype Phone(byte d) provided (!calm) {
	byte k, refusal, asked, number;
end:
	do
	:: d_step { pull(d, true); check(d) }
#ifdef CURSORFIRST
	:: d_step { pull(d, false); check(d) }
#endif
	:: atomic {
		DUE(d) ->
		if
		:: HAS(DUE(d), 0) -> k = 0
		:: HAS(DUE(d), 1) -> k = 1
		:: HAS(DUE(d), 2) -> k = 2 /* up to three */
		fi;
		if
#ifdef EARLYSEQ
		:: WANTS(d, k) == APPLIED -> db.seq++; number = db.seq; goto end_late
#else
		:: WANTS(d, k) == APPLIED -> ANSWER(APPLIED, true)
		:: WANTS(d, k) == APPLIED -> ANSWER(APPLIED, false)
#endif
		:: refusal = (WANTS(d, k) == APPLIED -> REJECTED : WANTS(d, k)); asked = LATER * life; goto end_noting
		fi
	}
	od;

end_noting: /* a refusal is rolled back, and noted in a second transaction; a server killed in between has decided nothing */
	do
	:: atomic { asked == LATER * life -> ANSWER(refusal, true); goto end }
	:: atomic { asked == LATER * life -> ANSWER(refusal, false); goto end }
	:: d_step { k = 0; refusal = 0; asked = 0 }; goto end
	od;

#ifdef EARLYSEQ
end_late:
	do
	:: atomic { ANSWER(APPLIED, true); goto end }
	:: atomic { ANSWER(APPLIED, false); goto end }
	od
#endif
}

/* Everything else: memberships change, rows are deleted, the server is killed, backed up and put back; until it stops. */
active proctype World() {
	byte x;
	d_step {
		db.seq = 1; db.mark[1] = 1; /* user 1 is not in bucket 1 */
		db.member[0] = true; db.member[1] = true; db.member[2] = true;
		db.since[0] = 1; db.since[1] = 1; db.since[2] = 1
	}
	atomic { /* what will be made lies in the outbox from the start: not tried yet is as good as not made yet */
		x = 0;
		do
		:: x < DEVICES ->
			do
			:: phone[x].made < (x -> OTHERS : MUTS) -> ADD(phone[x].outbox, phone[x].made); phone[x].made++
			:: break
			od;
			run Phone(x);
			x++
		:: else -> break
		od;
		x = 0
	}
	do
	:: atomic { moves < MOVES ->
		if :: x = 0 :: x = 1 :: x = 2 :: x = 3 fi;
		d_step {
			moves++;
			printf("server: user %d and bucket %d: member %d\n", x / 2, x % 2, !db.member[x]);
			db.member[x] = !db.member[x];
#ifdef NOSCOPELOG
			if :: db.member[x] -> db.seq++; db.since[x] = db.seq :: else fi;
#else
			db.seq++; db.since[x] = db.seq;
#endif
			x = 0
		} }
	:: atomic { deletes < DELETES ->
		if :: x = 0 :: x = 1 fi;
		d_step { deletes++; printf("server: row %d is deleted\n", x); db.seq++; db.val[x] = 0; db.at[x] = db.seq; x = 0 } }
	:: d_step { boots < BOOTS -> boots++; boot() }
	:: d_step { !backedUp && restores < RESTORES -> printf("server: backup at %d\n", db.seq); copy(backup, db); backedUp = true }
	:: d_step { backedUp -> backedUp = false; restores++; printf("server: put back, from %d to %d\n", db.seq, backup.seq); copy(db, backup); copy(backup, none); boot() }
	:: break
	od;
	/* Liveness, bounded: from any state at all, once nothing fails any more, a few turns each settle everything. */
	atomic { calm = true; d_step {
		printf("from here on nothing fails\n");
		turn = 0;
		do
		:: turn < TURNS * DEVICES ->
			dd = turn % DEVICES;
			kk = 0;
			do
			:: kk < MUTS ->
				if :: HAS(DUE(dd), kk) -> x = WANTS(dd, kk); push(dd, kk, x, x, true) :: else fi;
				kk++
			:: else -> break
			od;
			pull(dd, true); pull(dd, true); pull(dd, true);
			turn++
		:: else -> break
		od;
		x = 0;
		do :: x < DEVICES -> checkQuiet(x); x++ :: else -> break od;
		x = 0
	} }
}
