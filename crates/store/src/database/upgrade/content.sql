INSERT INTO school (id, name_zh, name_en) VALUES ('s', '—', '—');
INSERT INTO class (id, school, grade, name_zh, name_en) VALUES ('c', 's', 3, '—', '—');
INSERT INTO pupil (id, school, class, number, name)
    VALUES ('p1', 's', 'c', 1, '—'), ('p2', 's', 'c', 2, '—');
INSERT INTO class (id, school, grade, name_zh, name_en) VALUES ('d', 's', 3, '—', '—');
-- Was in c, where a paper is.
INSERT INTO pupil (id, school, class, number, name) VALUES ('p3', 's', 'd', 7, '—');
INSERT INTO staff (id, school, login, name)
    VALUES ('t', 's', 'teacher', '—'), ('t2', 's', 'second', '—'), ('王', 's', 'third', '—');
INSERT INTO teaches (staff, class) VALUES ('t', 'c'), ('t2', 'd'), ('王', 'c');
INSERT INTO worksheet (id, version, toml) VALUES ('w', 1, '');
INSERT INTO artwork (worksheet, version, page, svg) VALUES ('w', 1, 1, '<svg/>');
INSERT INTO print_run (id, school, worksheet, version, folio, first_page, pages, copies,
                       registration_version, dx_um, dy_um, rotation_urad, scale_ppm)
    VALUES ('r', 's', 'w', 1, 7, 100, 1, 2, 1, 0, 0, 0, 0);
INSERT INTO copy (print_run, copy, pupil) VALUES ('r', 0, 'p1'), ('r', 1, 'p2');
INSERT INTO assignment (id, school, class, worksheet, version, print_run, assigned_ms, due_ms, quiet_ms)
    VALUES ('a', 's', 'c', 'w', 1, 'r', 500, 2500, 1000);
INSERT INTO pen (id, model) VALUES (5, 'model');
INSERT INTO lease (pen, from_ms, pupil) VALUES (5, 0, 'p1');
INSERT INTO chunk (id, pen, boot_counter, boot_random, number, bytes, gateway, received_ms)
    VALUES (1, 5, 1, 2, 1, BYTES_OF_INK, 'g-1', 1500);
INSERT INTO chunk_address (folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms,
                           received_ms)
    VALUES (7, 100, 5, 1, 1, 2, 1000, 1400, 1500);
INSERT INTO ink (folio, page, pen, ink_rev, attributed_rev, received_ms, papers)
    VALUES (7, 100, 5, 1, 1, 1500, 1);
INSERT INTO clock (pen, boot_counter, boot_random, offset_ms, error_ms) VALUES (5, 1, 2, 0, 50);
INSERT INTO paper (school, assignment, pupil, page, folio, address_page, ink_rev, marked_rev, ink_ms,
                   marked_ms)
    VALUES ('s', 'a', 'p1', 1, 7, 100, 1, 1, 1500, 1600),
           ('s', 'a', 'p3', 1, 7, 100, 1, 0, 1500, NULL);
INSERT INTO response (school, assignment, pupil, question, page, position, reading, probability,
                      strokes, first_ms, last_ms, changed_rev, source, verdict, score)
    VALUES ('s', 'a', 'p1', 'q1', 1, 0, '7', 0.99, '{"live":[],"superseded":[],"red":[]}', 1000, 1400,
            1, 'screen', 'wrong', 0);
INSERT INTO mark (school, assignment, pupil, question, source, verdict, score, staff, ink_rev, at_ms)
    VALUES ('s', 'a', 'p1', 'q1', 'machine', 'right', 50, NULL, 1, 1600),
           ('s', 'a', 'p1', 'q1', 'screen', 'wrong', 0, 't', 1, 1700);
INSERT INTO profile (school, pupil, wanted_rev, applied_rev, ability, ability_variance, answers,
                     updated_ms, last_day)
    VALUES ('s', 'p1', 1, 1, 0.5, 1.0, 1, 1800, 20000);
INSERT INTO knowledge_state (school, pupil, knowledge_point, day, ability, ability_variance, deviation,
                             deviation_variance, difficulty, answers)
    VALUES ('s', 'p1', 'k', 20000, 0.5, 1.0, 0.0, 0.5, 0.0, 1);
INSERT INTO outbox (at_ms, kind, school, class, assignment, pupil, page)
    VALUES (1600, 'marked', 's', 'c', 'a', 'p1', 1);
