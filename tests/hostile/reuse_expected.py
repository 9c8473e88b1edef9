"""What becomes of the box of each program in reuse/: the word of its GONE, or None where it serves again.

REFUSED are those whose very attempt is refused. A program of neither kind leaves its mark, as it can itself see, and
the next program sees nothing of it.
"""

GONE = {
    # ---- files ----
    "file_in_shm": "shm",
    "time_of_shm": "shm",
    "too_many_files": "files",
    "too_deep_a_tree": "files",
    "folder_without_rights": "files",
    "rights_of_box": "box",
    "rights_of_tmp": "tmp",
    "time_of_a_link": "devices",
    "time_of_terminals": "devices",
    "time_of_the_devices": "devices",
    # ---- processes ----
    "chain_of_children": "processes",
    "child_left_behind": "processes",
    "child_that_ignores_signals": "processes",
    "daemon": "processes",
    "fork_at_the_end": "processes",
    "half_a_vfork": "processes",
    "stopped_child": "processes",
    # ---- the zygote ----
    "continue_all": "zygote",  # a blocked SIGCONT continues, and waits
    "kill_all": "processes",
    "owner_of_a_socket": "zygote",
    "signal_all": "zygote",
    "stop_all": "zygote",
    # ---- between processes ----
    "datagrams": "network",
    "refused_packets": "network",
    "tcp_connection": "network",
    "tcp_connection_without_a_wait": "network",
    # ---- what the box has used ----
    "child_out_of_memory": "oom_kills",
    "memory_of_the_kernel": "memory",
    "too_many_processes": "refused_processes",
    # ---- ends ----
    "ends_at_its_deadline": "verdict",
    "ends_by_a_signal": "verdict",
    "too_much_output": "output",
}

REFUSED = {
    "access_list_of_a_folder", "attributes_of_folders", "cpus_of_the_zygote", "descriptors_of_the_zygote",
    "environment_of_the_zygote", "file_in_mqueue", "group_of_the_zygote", "io_priority_of_the_zygote", "keyring",
    "kill_the_group_of_the_zygote", "kill_the_zygote", "limits_of_the_zygote", "memory_of_the_zygote",
    "oom_score_of_the_zygote", "orders_to_the_zygote", "pidfd_of_the_zygote", "posix_queue", "priority_of_the_zygote",
    "queued_signal_to_the_zygote", "scheduler_of_the_zygote", "system_v_memory", "system_v_queue",
    "system_v_semaphore", "timer_slack_of_the_zygote", "trace_of_the_zygote",
}

# Marks that end with the process that leaves them, or that it cannot look for itself.
UNSEEN_AT_HOME = {
    "another_program", "bytes_in_pipes", "changed_source", "cold_start", "exhausted_quota", "nested_exit_handlers",
    "secret_in_memory", "signals_to_init",
}

# The kernel frees a file whose descriptor was in flight on a socket some time after the socket; init may look before that,
# and then sees its inode in /tmp.
PERHAPS_GONE = {"descriptor_in_flight": "tmp"}
