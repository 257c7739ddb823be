//! Openings that are refused.

use crate::{mock::*, Error, Event, Outcome};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use gcx_primitives::{ResourceId, ResourceState, RollCallId};

/// A resource of three devices that did two rounds, whose cells are drawn.
fn drawn() -> (RollCallId, Work) {
	let machine = resource(3);
	let id = called();
	let work = Work::honest(id, machine, 2);
	assert_ok!(work.commit(id));
	until_drawn(id);
	(id, work)
}

#[test]
fn openings_are_shown_in_any_order_and_any_number_and_for_free() {
	run(|| {
		let (id, work) = drawn();
		let mut shown = work.shown(id);
		let first = shown.remove(2);
		let info = Proof::open(RuntimeOrigin::signed(PROVIDER), id, work.resource, vec![first].try_into().unwrap());
		assert_eq!(info.unwrap().pays_fee, Pays::No);
		let opened = Event::Opened { roll_call: id, resource: work.resource, openings: 1, left: 3 };
		assert_eq!(events().pop(), Some(opened));
		assert_ok!(open(AGENT, id, work.resource, shown));
		until_closed(id);
		assert!(matches!(outcome(work.resource), Some(Outcome::Proven { .. })));
	});
}

#[test]
fn openings_before_the_deadline_and_after_the_window_are_refused() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let work = Work::honest(id, machine, 1);
		assert_ok!(work.commit(id));
		let some = crate::Shown {
			index: 0,
			opening: work.show(&gcx_math::proof::DeviceCell {
				device: 0,
				cell: gcx_math::proof::Cell { round: 0, row: 0, column: 0 },
			}),
		};
		assert_noop!(open(AGENT, id, machine, vec![some.clone()]), Error::<Test>::NotOpening);
		until_drawn(id);
		let shown = work.shown(id);
		go_to(current().1.open_until.unwrap());
		assert_ok!(open(AGENT, id, machine, shown[..1].to_vec()));
		blocks(1);
		// The window is over; reckoning takes more than a block on a busy chain.
		assert!(open(AGENT, id, machine, shown[1..].to_vec()).is_err());
		until_closed(id);
		assert_noop!(open(AGENT, id, machine, shown[1..].to_vec()), Error::<Test>::UnknownRollCall);
	});
}

#[test]
fn openings_of_others_of_nothing_or_twice_are_refused() {
	run(|| {
		let idle = resource(1);
		let (id, work) = drawn();
		let shown = work.shown(id);
		assert_noop!(open(STRANGER, id, work.resource, shown.clone()), Error::<Test>::NotProvider);
		assert_noop!(open(AGENT, id, ResourceId(9), shown.clone()), Error::<Test>::UnknownResource);
		assert_noop!(open(AGENT, id, idle, shown.clone()), Error::<Test>::NotCommitted);
		assert_noop!(open(AGENT, id, work.resource, Vec::new()), Error::<Test>::NothingShown);
		let twice = vec![shown[0].clone(), shown[0].clone()];
		assert_noop!(open(AGENT, id, work.resource, twice), Error::<Test>::AlreadyShown);
		assert_ok!(open(AGENT, id, work.resource, shown[..2].to_vec()));
		assert_noop!(open(AGENT, id, work.resource, shown[1..].to_vec()), Error::<Test>::AlreadyShown);
		for index in [4, 63, 64, u32::MAX] {
			let beyond = crate::Shown { index, ..shown[3].clone() };
			assert_noop!(open(AGENT, id, work.resource, vec![beyond]), Error::<Test>::NotDrawn);
		}
		assert_ok!(open(AGENT, id, work.resource, shown[2..].to_vec()));
	});
}

#[test]
fn of_several_openings_all_hold_or_none_is_taken() {
	run(|| {
		let (id, work) = drawn();
		let mut shown = work.shown(id);
		shown[3].opening.opening.tile[0] ^= 1;
		assert_noop!(open(AGENT, id, work.resource, shown), Error::<Test>::TileNotCommitted);
		assert_eq!(member(id, work.resource).answer.unwrap().shown, 0);
		assert_ok!(work.open(id));
	});
}

#[test]
fn tiles_that_were_not_drawn_are_refused() {
	run(|| {
		let (id, work) = drawn();
		let shown = work.shown(id);
		let cells = Proof::drawn_cells(id, work.resource).unwrap();
		for (index, at) in (0..).zip(&cells) {
			for (other, from) in cells.iter().zip(&shown) {
				let same_tile = other.device == at.device
					&& other.cell.round == at.cell.round
					&& other.cell.tile(&computation()) == at.cell.tile(&computation());
				let opening = from.opening.clone();
				let result = open(AGENT, id, work.resource, vec![crate::Shown { index, opening }]);
				assert_eq!(result.is_ok(), same_tile, "{at:?} shown by {other:?}");
				if result.is_ok() {
					crate::Members::<Test>::mutate(id, work.resource, |member| {
						member.as_mut().unwrap().answer.as_mut().unwrap().shown = 0;
					});
				}
			}
		}
	});
}

#[test]
fn each_part_of_an_opening_that_is_wrong_has_its_name() {
	run(|| {
		let (id, work) = drawn();
		let cells = Proof::drawn_cells(id, work.resource).unwrap();
		let index = cells.iter().position(|at| at.cell.round == 1).expect("with this luck");
		let right = work.shown(id)[index].clone();
		let wrong = |change: &dyn Fn(&mut crate::Shown)| {
			let mut shown = right.clone();
			change(&mut shown);
			open(AGENT, id, work.resource, vec![shown]).expect_err("it is wrong")
		};
		let add = |path: &mut Vec<[u8; 32]>| path.push([0; 32]);
		assert_eq!(
			wrong(&|shown| {
				let mut path = shown.opening.path.to_vec();
				add(&mut path);
				shown.opening.path = path.try_into().unwrap();
			}),
			Error::<Test>::WrongDevicePath.into()
		);
		assert_eq!(wrong(&|shown| shown.opening.commitment[0] ^= 1), Error::<Test>::DeviceNotCommitted.into());
		assert_eq!(wrong(&|shown| shown.opening.opening.tile.truncate(1)), Error::<Test>::WrongTileSize.into());
		assert_eq!(wrong(&|shown| shown.opening.opening.previous = None), Error::<Test>::WrongPreviousRound.into());
		assert_eq!(
			wrong(&|shown| shown.opening.opening.tile_path = Default::default()),
			Error::<Test>::WrongTilePath.into()
		);
		assert_eq!(
			wrong(&|shown| shown.opening.opening.round_path = Default::default()),
			Error::<Test>::WrongRoundPath.into()
		);
		assert_eq!(
			wrong(&|shown| shown.opening.opening.previous.as_mut().unwrap().root[5] ^= 1),
			Error::<Test>::PreviousRoundNotCommitted.into()
		);
		assert_eq!(wrong(&|shown| shown.opening.opening.tile[3] ^= 1), Error::<Test>::TileNotCommitted.into());
		assert_ok!(open(AGENT, id, work.resource, vec![right]));
	});
}

#[test]
fn a_root_that_is_no_root_cannot_be_opened() {
	run(|| {
		let machine = resource(3);
		let id = called();
		let work = Work::honest(id, machine, 2);
		assert_ok!(commit(AGENT, id, machine, 2, [9; 32]));
		until_drawn(id);
		assert_noop!(work.open(id), Error::<Test>::DeviceNotCommitted);
		until_closed(id);
		assert_eq!(outcome(machine), Some(Outcome::Unshown));
	});
}

#[test]
fn who_went_to_jail_since_can_still_show_what_it_did() {
	run(|| {
		let (id, work) = drawn();
		change(work.resource, |machine| machine.state = ResourceState::Jailed);
		assert_ok!(work.open(id));
		until_closed(id);
		assert!(matches!(outcome(work.resource), Some(Outcome::Proven { .. })));
	});
}

#[test]
fn another_number_of_devices_than_committed_does_not_matter_for_what_is_shown() {
	run(|| {
		let (id, work) = drawn();
		change(work.resource, |machine| machine.subject.devices = 1);
		assert_ok!(work.open(id));
		until_closed(id);
		// The keeper of resources is told of how many it is.
		assert!(matches!(heard()[..], [Told::Proven(_, proof)] if proof.devices == 3));
	});
}

#[test]
fn an_opening_weighs_by_its_depth_and_patch() {
	run(|| {
		let (id, _) = drawn();
		let weigh = |openings| Proof::open_weight(id, openings).ref_time();
		// One piece of 64 products and five for the rest of it.
		assert_eq!([weigh(0), weigh(1), weigh(4)], [6, 6, 24]);
		assert_eq!(Proof::open_weight(RollCallId(9), 4).ref_time(), 20);
	});
}
