"""What guards a run against each fault, and the test that fails without it.

An entry takes one protection out of the code, by putting `weak` in the place of `strong`, and names a test that must
fail then. `python -m tests.protections` sees every one of them fail; a contract test holds the entries to the code.
"""

from __future__ import annotations

from dataclasses import dataclass

CLIENT, SHIPPER = "tests/tracker/client", "tests/tracker/shipper"
JOURNAL, RUN, FAULTS = f"{CLIENT}/test_journal.py", f"{CLIENT}/test_run.py", f"{SHIPPER}/test_faults.py"
RANKS = f"{SHIPPER}/test_ranks.py"


@dataclass(frozen=True)
class Protection:
    """One protection: against what fault, where it stands, and the test that misses it."""

    fault: str
    file: str
    strong: str
    weak: str
    test: str


PROTECTIONS = (
    Protection(
        "a kill right behind log()",
        "tracker/client/journal.py",
        "self._map = mmap.mmap(self._fd, FIRST_SIZE)",
        "self._map = mmap.mmap(self._fd, FIRST_SIZE, flags=mmap.MAP_PRIVATE)",
        f"{RUN}::test_sigkill_right_behind_the_last_call_loses_nothing",
    ),
    Protection(
        "a kill between content and the event that names it",
        "tracker/shipper/loop.py",
        "                delivery.upload(transport)\n",
        "                pass\n",
        f"{SHIPPER}/test_embedded.py::test_a_run_becomes_a_record",
    ),
    Protection(
        "a kill between the run's last words and its removal",
        "tracker/shipper/delivery.py",
        "hold = segment is first and self._others_go_on(segment)",
        "hold = False",
        f"{FAULTS}::test_a_run_shorter_than_its_observer_gets_its_whole_snapshot_before_its_end",
    ),
    Protection(
        "a kill in the middle of a removal",
        "tracker/shipper/loop.py",
        '        for half in Folder.removing(home / "journals"):\n            half.remove()\n',
        "",
        f"{FAULTS}::test_a_folder_half_removed_is_removed_and_the_shipper_is_not_kept_by_it",
    ),
    Protection(
        "a torn tail",
        "tracker/client/journal.py",
        "        os.ftruncate(fd, end)\n        data = b",
        "        data = b",
        f"{JOURNAL}::test_a_tail_torn_at_any_byte_costs_only_the_frame_it_tears",
    ),
    Protection(
        "a frame that is half written",
        "tracker/shipper/segment.py",
        "self.tail.read(dead=self._unreadable())",
        "self.tail.read(dead=True)",
        f"{FAULTS}::test_something_unreadable_is_given_time_to_become_whole_before_it_is_called_damage",
    ),
    Protection(
        "a power cut that took what the store has already",
        "tracker/shipper/segment.py",
        "            whole.follow(self.tail)",
        "            pass",
        f"{FAULTS}::test_a_power_cut_that_took_what_the_store_has_already_costs_nothing",
    ),
    Protection(
        "a flipped bit in a frame",
        "tracker/client/frames.py",
        "    if crc32(payload, start_of(head, seed)) != crc:\n        return None\n",
        "",
        f"{JOURNAL}::test_a_flipped_bit_anywhere_is_found_and_only_its_frame_is_lost",
    ),
    Protection(
        "a flipped bit in a row of metrics",
        "tracker/shipper/tail.py",
        "        if crc32(view[begin + 8 : begin + stride], start) != sums[index]:\n            return index\n",
        "        assert sums and view and index >= 0 and start >= 0\n",
        f"{FAULTS}::test_flipped_bits_cost_their_frame_and_the_loss_is_said",
    ),
    Protection(
        "a flipped bit among very many rows",
        "tracker/shipper/sums.py",
        "return together ^ start == _joined(",
        "return count > 0 or together == _joined(",
        f"{SHIPPER}/test_sums.py::test_one_flipped_bit_anywhere_is_found",
    ),
    Protection(
        "a loss that nobody is told of",
        "tracker/shipper/tail.py",
        "            return [Piece(at, self.position, notice, {})]\n",
        "            return self.read(dead=True)\n",
        f"{FAULTS}::test_flipped_bits_cost_their_frame_and_the_loss_is_said",
    ),
    Protection(
        "a damaged header",
        "tracker/client/folders.py",
        'return crc32(f"{self.path.name}/{name}".encode())',
        'return int.from_bytes(self.segment(name).read_bytes()[8:12], "little") if self.segment(name).exists() else 7',
        f"{FAULTS}::test_a_damaged_header_costs_nothing",
    ),
    Protection(
        "a full disk under a mapped file",
        "tracker/client/journal.py",
        "    os.posix_fallocate(fd, offset, length)\n",
        "    os.ftruncate(fd, max(os.fstat(fd).st_size, offset + length))\n",
        f"{JOURNAL}::test_a_really_full_disk_kills_nothing_and_what_waited_arrives",
    ),
    Protection(
        "a full disk: order",
        "tracker/client/journal.py",
        "            self._shut_window()\n",
        "",
        f"{JOURNAL}::test_nothing_small_overtakes_something_large_that_waits_for_the_disk",
    ),
    Protection(
        "a full disk that has room again",
        "tracker/client/journal.py",
        "if self.full and not self._recover():",
        "if self.full:",
        f"{JOURNAL}::test_on_a_full_disk_frames_wait_in_memory_and_keep_their_order",
    ),
    Protection(
        "a disk that stays full: the end",
        "tracker/client/journal.py",
        "LAST_WORDS = 160 * 1024",
        "LAST_WORDS = 0",
        f"{JOURNAL}::test_last_words_find_room_on_a_disk_that_stays_full",
    ),
    Protection(
        "a file system that cannot reserve",
        "tracker/client/journal.py",
        "            if error.errno not in _CANNOT:\n                raise\n",
        "            raise\n",
        f"{JOURNAL}::test_without_reserved_blocks_plain_writes_do",
    ),
    Protection(
        "a home that cannot be written",
        "tracker/client/opening.py",
        "for place in (settings, None):",
        "for place in (settings,):",
        f"{RUN}::test_a_home_that_can_not_be_written_is_replaced_and_said_once",
    ),
    Protection(
        "a server that answers 500",
        "tracker/client/transport.py",
        "if status >= 500 or status in _TRY_AGAIN:",
        "if status in _TRY_AGAIN:",
        f"{FAULTS}::test_an_answer_that_fails_at_any_request_loses_nothing_and_repeats_nothing",
    ),
    Protection(
        "a server that answers 429",
        "tracker/client/transport.py",
        "_TRY_AGAIN = {408, 425, 429}",
        "_TRY_AGAIN: set[int] = set()",
        f"{FAULTS}::test_an_answer_that_fails_at_any_request_loses_nothing_and_repeats_nothing",
    ),
    Protection(
        "a server that asks for patience",
        "tracker/client/transport.py",
        "    if text.isdigit():\n        return float(text)\n",
        "    if text.isdigit():\n        return None\n",
        f"{FAULTS}::test_a_store_that_asks_for_patience_gets_it",
    ),
    Protection(
        "half an answer, none in time, or one behind the time-out",
        "tracker/client/transport.py",
        "except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:",
        "except httpx.ConnectError as error:",
        f"{FAULTS}::test_an_error_says_what_it_was",
    ),
    Protection(
        "a server that took a batch and could not say so",
        "tracker/shipper/segment.py",
        "            return self._batch if self._batch.run_id == run_id else None\n",
        "            self.number, self._batch = self._batch.events[-1].number, None\n",
        f"{FAULTS}::test_an_answer_that_fails_at_any_request_loses_nothing_and_repeats_nothing",
    ),
    Protection(
        "a server that went back to its backup",
        "tracker/shipper/segment.py",
        "            self.go_to(ack.number, ack.offset)\n\n    def _unreadable",
        "            self._batch = None\n\n    def _unreadable",
        f"{FAULTS}::test_a_store_that_went_back_to_its_backup_gets_again_what_it_lost",
    ),
    Protection(
        "content that is refused",
        "tracker/shipper/delivery.py",
        "                    self._hopeless.add(digest)\n",
        "                    raise\n",
        f"{FAULTS}::test_content_that_the_store_will_not_take_holds_up_nothing",
    ),
    Protection(
        "a run ID that another run has",
        "tracker/shipper/delivery.py",
        'elif ack.state == "clash" and segment.name == "main":',
        'elif ack.state == "clash" and segment.name == "none":',
        f"{FAULTS}::test_an_id_that_is_taken_is_minted_again_and_the_process_follows",
    ),
    Protection(
        "a clock set back",
        "tracker/client/run.py",
        "runtime = time.monotonic() - self._began",
        "runtime = (self._now_ns() // 1000 - journal.owner.at) / 1e6",
        f"{SHIPPER}/test_clock.py::test_a_clock_set_back_loses_nothing_and_no_time_runs_backwards",
    ),
    Protection(
        "two machines that share a home",
        "tracker/client/process.py",
        "return owner.host == host()",
        "return bool(owner.host)",
        f"{SHIPPER}/test_home.py::test_a_run_of_another_machine_is_left_to_its_own_shipper",
    ),
    Protection(
        "fork",
        "tracker/client/run.py",
        "            self._journal.abandon()\n",
        "",
        f"{RUN}::test_a_child_made_by_fork_writes_a_segment_of_its_own",
    ),
    Protection(
        "workers of multiprocessing",
        "tracker/client/run.py",
        "            util.Finalize(None, self._at_exit, exitpriority=10)\n",
        "            pass\n",
        f"{SHIPPER}/test_home.py::test_a_worker_that_leaves_past_atexit_has_an_end_all_the_same",
    ),
    Protection(
        "workers of torch.multiprocessing",
        "tracker/client/run.py",
        "return Run._join, (",
        "return Run._missing, (  # type: ignore[attr-defined]\n            ",
        f"{RANKS}::test_workers_of_torch_log_into_the_run_they_were_given",
    ),
    Protection(
        "ranks of DDP",
        "tracker/client/group.py",
        "if ranks is None or ranks.world < 2:",
        "if True:",
        f"{RANKS}::test_ranks_launched_together_log_into_one_run_without_asking_each_other",
    ),
    Protection(
        "two launches that look alike",
        "tracker/client/group.py",
        "told = (launcher, process.started(launcher), process.boot(), process.host(), *ranks.told, next(_ordinal))",
        "told = (process.host(), next(_ordinal))",
        f"{RANKS}::test_two_launches_are_two_runs",
    ),
    Protection(
        "threads",
        "tracker/client/journal.py",
        "        self.write = self._map.write\n",
        "        window = self._map\n"
        "        self.write = lambda frame: (window.write(frame[:8]), window.write(frame[8:]))\n",
        f"{JOURNAL}::test_threads_never_interleave_within_a_frame",
    ),
    Protection(
        "a machine that never comes back to the home it shared",
        "tracker/shipper/delivery.py",
        "return time.time() - newest > ABANDONED_SECONDS",
        "return False",
        f"{SHIPPER}/test_home.py::test_a_run_of_another_machine_is_left_to_its_own_shipper",
    ),
    Protection(
        "one run of two hundred that is refused",
        "tracker/shipper/post.py",
        "        return tuple(ack for batch in batches for ack in _acks(transport, [batch]))\n",
        "        raise\n",
        f"{FAULTS}::test_one_run_that_cannot_be_taken_holds_up_no_other",
    ),
    Protection(
        "two processes that append to one run at once",
        "tracker/store/chains.py",
        '    if connection.dialect.name != "sqlite":\n',
        "    if False:\n",
        "tests/tracker/store/test_ingest.py::test_processes_that_append_to_one_run_at_once_all_get_through",
    ),
    Protection(
        "two replicas that take the daily root at once",
        "tracker/store/roots.py",
        "            insert_new(connection, r.roots, [row])\n",
        "            connection.execute(insert(r.roots), [row])\n",
        "tests/tracker/store/test_roots.py::test_replicas_that_take_a_root_at_the_same_moment_take_one",
    ),
    Protection(
        "a second shipper",
        "tracker/client/launch.py",
        "    except BlockingIOError:\n        os.close(fd)\n        return None\n",
        "    except BlockingIOError:\n        pass\n",
        f"{SHIPPER}/test_home.py::test_two_shippers_never_work_for_one_home",
    ),
    Protection(
        "a resumed run",
        "tracker/client/start.py",
        'segment = f"resume-{nonce[:8]}" if goes_on else "main"',
        'segment = "main"',
        f"{RUN}::test_a_resumed_run_goes_on_in_a_segment_of_its_own",
    ),
    Protection(
        "an out-of-memory kill",
        "tracker/shipper/deaths.py",
        "out_of_memory = killed and rose",
        "out_of_memory = killed",
        f"{FAULTS}::test_an_out_of_memory_kill_is_told_from_another_kill",
    ),
    Protection(
        "preemption by SIGTERM",
        "tracker/shipper/deaths.py",
        "self._seen = process.exit_of(self.owner) or self._kept()",
        "self._seen = None",
        f"{FAULTS}::test_how_a_process_ended_is_read_from_the_kernel",
    ),
    Protection(
        "a death that nobody saw",
        "tracker/client/process.py",
        'or fields[_ZOMBIE_FIELD] != "Z" or owner.boot != boot():\n        return None\n',
        "or owner.boot != boot():\n        return Exit(None, 9)\n",
        f"{FAULTS}::test_a_run_killed_before_any_shipper_came_is_told_without_a_guess",
    ),
    Protection(
        "KeyboardInterrupt",
        "tracker/client/ending.py",
        'interrupted = "SIGINT" if issubclass(kind, KeyboardInterrupt) else None',
        "interrupted = None",
        f"{FAULTS}::test_an_interrupt_is_told_as_one",
    ),
    Protection(
        "an exception",
        "tracker/client/ending.py",
        'return Ending("failed", reason, clean(text), signal=interrupted)',
        'return Ending("failed", reason, signal=interrupted)',
        f"{RUN}::test_what_leaves_the_block_is_kept_and_goes_on",
    ),
    Protection(
        "whatever recording itself raises",
        "tracker/client/run.py",
        "        except Exception as error:\n            self._failed(method.__name__",
        "        except ZeroDivisionError as error:\n            self._failed(method.__name__",
        f"{RUN}::test_what_can_not_be_read_is_said_and_training_goes_on",
    ),
)
