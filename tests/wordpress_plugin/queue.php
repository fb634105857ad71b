<?php
/**
 * The queue and the sender: nothing is lost, nothing is sent twice at once.
 */

const SECRET = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const HOOK   = 'https://mci.example/webhooks/wordpress/k/';

/**
 * A paired shop with orders 1, 2, 3…
 */
function shop( $count = 3 ) {
	$shop         = new stdClass();
	$shop->store  = new MCI_Pairing_Store();
	$shop->table  = new Queue_In_Memory();
	$shop->queue  = new MCI_Queue( $shop->table );
	$shop->orders = new Orders_In_Memory();
	$shop->sender = new MCI_Sender( $shop->store, $shop->queue, new MCI_Portal( $shop->store ), $shop->orders );
	$shop->store->pair( 'https://mci.example', SECRET, HOOK, 'Bottega', time() );
	for ( $id = 1; $id <= $count; $id++ ) {
		$shop->orders->orders[ $id ] = array(
			'id'     => $id,
			'status' => 'processing',
		);
	}
	return $shop;
}

function bodies() {
	global $sent;
	return array_map( static fn( $post ) => json_decode( $post['body'], true ), $sent );
}

function test_ten_changes_are_one_message_signed_over_its_bytes() {
	global $sent;
	$shop = shop();
	for ( $i = 0; $i < 10; $i++ ) {
		$shop->queue->note( 1, MCI_Message::UPDATED, 1795468561 );
	}
	same( 1, $shop->sender->run() );
	same( 1, count( $sent ) );
	same( HOOK, $sent[0]['url'] );
	same( 0, $sent[0]['redirection'] );
	same( 'order.updated', $sent[0]['headers']['X-MCI-Topic'] );
	same( 'https://shop.example', $sent[0]['headers']['X-MCI-Home'], 'whose copy has the secret too' );
	$headers = $sent[0]['headers'];
	same( true, MCI_Signature::matches( SECRET, $headers['X-MCI-Timestamp'], $sent[0]['body'], $headers['X-MCI-Signature'] ) );
	same( '{"topic":"order.updated","at":"2026-11-23T21:16:01Z","order":{"id":1,"status":"processing"}}', $sent[0]['body'] );
	same( array(), $shop->table->rows, 'what was taken is forgotten' );
}

function test_a_change_that_comes_while_a_message_is_under_way_makes_one_more() {
	global $answers;
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, time() );
	$answers = array(
		static function () use ( $shop ) {
			$shop->orders->orders[1]['status'] = 'cancelled';
			$shop->queue->note( 1, MCI_Message::UPDATED, time() );
			return answer( 200 );
		},
		answer( 200 ),
	);
	same( 2, $shop->sender->run() );
	same( array( 'processing', 'cancelled' ), array_map( static fn( $body ) => $body['order']['status'], bodies() ) );
	same( array(), $shop->table->rows );
}

function test_a_retry_keeps_its_id_and_its_time_and_is_signed_anew() {
	global $answers, $sent;
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 1795468561 );
	$answers = array( answer( 500 ), answer( 200 ) );
	same( 0, $shop->sender->run() );
	same( array(), array_diff_key( $shop->table->rows, array( 1 => 0 ) ) );
	$shop->queue->retry( time() );
	same( 1, $shop->sender->run() );
	same( $sent[0]['headers']['X-MCI-Id'], $sent[1]['headers']['X-MCI-Id'] );
	same( $sent[0]['body'], $sent[1]['body'] );
}

function test_two_runners_never_have_the_same_row() {
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 100 );
	$first = $shop->queue->next( 100 );
	same( 1, $first['order_id'] );
	same( null, $shop->queue->next( 100 ), 'while the first is at it' );
	same( null, $shop->queue->next( 100 + MCI_Queue::LEASE - 1 ), 'until its lease ends' );
	same( 1, $shop->queue->next( 100 + MCI_Queue::LEASE )['order_id'], 'the first died' );
	$shop->queue->settle( $first, new MCI_Verdict( MCI_Verdict::TAKEN ), 300 );
	same( 1, count( $shop->table->rows ), 'a runner whose lease has ended decides nothing' );
}

function test_when_mci_is_away_two_tries_are_enough_and_the_rest_waits() {
	global $answers, $sent;
	$shop = shop( 5 );
	for ( $id = 1; $id <= 5; $id++ ) {
		$shop->queue->note( $id, MCI_Message::UPDATED, time() );
	}
	$answers = array( new WP_Error( 'http', 'timed out' ) );
	same( 0, $shop->sender->run() );
	same( 2, count( $sent ) );
	same( 5, count( $shop->table->rows ), 'nothing is lost' );
	same( 0, $shop->sender->run() );
	same( 2, count( $sent ), 'nothing is due' );

	$answers = array( answer( 200 ) );
	$shop->queue->note( 6, MCI_Message::UPDATED, time() );
	$shop->orders->orders[6] = array(
		'id'     => 6,
		'status' => 'processing',
	);
	same( 6, $shop->sender->run(), 'a new order finds MCI there, and takes the others along' );
}

function test_one_order_that_mci_cannot_take_does_not_block_the_others() {
	global $answers, $sent;
	$shop = shop();
	foreach ( array( 1, 2, 3 ) as $id ) {
		$shop->queue->note( $id, MCI_Message::UPDATED, time() );
	}
	$answers = array( static fn( $body ) => answer( false === strpos( $body, '"id":1,' ) ? 200 : 500 ) );
	same( 2, $shop->sender->run() );
	same( array( 1 ), array_keys( $shop->table->rows ) );
	same( 'away_500', $shop->table->rows[1]['reason'] );
	for ( $i = 0; $i < 5; $i++ ) {
		$shop->queue->note( 2, MCI_Message::UPDATED, time() );
		$shop->sender->run();
	}
	same( 3, $shop->table->rows[1]['attempts'], 'nor is it tried each time that others go through' );
}

function test_an_order_that_cannot_be_read_is_told_by_its_id_and_no_data_is_logged() {
	global $logged;
	$shop = shop();
	$shop->orders->orders[1] = new RuntimeException( 'Mario Rossi, via Roma 1' );
	foreach ( array( 1, 2 ) as $id ) {
		$shop->queue->note( $id, MCI_Message::UPDATED, 1795468561 );
	}
	same( 2, $shop->sender->run() );
	same( array( 'topic' => 'order.updated', 'at' => '2026-11-23T21:16:01Z', 'id' => 1 ), bodies()[0] );
	same( 1, count( $logged ) );
	same( false, strpos( $logged[0], 'Rossi' ) );
}

function test_an_order_too_large_for_a_message_is_told_by_its_id() {
	global $answers;
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 1795468561 );
	$answers = array( answer( 413 ), answer( 200 ) );
	same( 1, $shop->sender->run() );
	same( array( 'topic' => 'order.updated', 'at' => '2026-11-23T21:16:01Z', 'id' => 1 ), bodies()[1] );
	same( array(), $shop->table->rows );
}

function test_a_clock_that_is_wrong_is_set_by_mci_and_the_message_goes_at_once() {
	global $answers, $sent;
	$shop    = shop();
	$theirs  = time() + 86400;
	$answers = array( answer( 401, '', array( 'x-mci-time' => (string) $theirs ) ), answer( 200 ) );
	foreach ( array( 1, 2 ) as $id ) {
		$shop->queue->note( $id, MCI_Message::UPDATED, time() );
	}
	same( 2, $shop->sender->run() );
	same( 3, count( $sent ), 'the second order is signed right at once' );
	same( true, abs( (int) $sent[2]['headers']['X-MCI-Timestamp'] - $theirs ) <= 2 );
	same( '', $shop->store->state( 'stopped' ) );

	$answers = array( answer( 401, '', array( 'x-mci-time' => (string) $theirs ) ) );
	$shop->queue->note( 1, MCI_Message::UPDATED, time() );
	same( 0, $shop->sender->run() );
	same( 5, count( $sent ), 'tried once more, not for ever' );
	same( '401', $shop->store->state( 'stopped' ) );
}

function test_after_seven_days_a_message_fails_and_stays() {
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 0 );
	$away = MCI_Verdict::of( 503 );
	$row  = $shop->queue->next( 7 * 86400 - 1 );
	$shop->queue->settle( $row, $away, 7 * 86400 - 1 );
	same( 'waiting', $shop->table->rows[1]['state'] );
	$row = $shop->queue->next( 8 * 86400 );
	$shop->queue->settle( $row, $away, 8 * 86400 );
	same( 'failed', $shop->table->rows[1]['state'] );
	same( 'away_503', $shop->table->rows[1]['reason'] );
	same( null, $shop->queue->next( 9 * 86400 ) );
	$shop->queue->note( 1, MCI_Message::UPDATED, 9 * 86400 );
	same( 1, $shop->queue->next( 9 * 86400 )['order_id'], 'its next change gives it a fresh start' );
	same( 0, $shop->table->rows[1]['attempts'] );
}

function test_try_again_now_also_takes_what_failed() {
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 0 );
	$shop->queue->settle( $shop->queue->next( 0 ), MCI_Verdict::of( 413 ), 0 );
	same( 'failed', $shop->table->rows[1]['state'] );
	$shop->queue->retry( 50 );
	same( 1, $shop->queue->next( 50 )['order_id'] );
}

function test_a_message_that_changed_while_it_was_refused_is_not_given_up() {
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, 0 );
	$row = $shop->queue->next( 0 );
	$shop->queue->note( 1, MCI_Message::UPDATED, 1 );
	$shop->queue->settle( $row, MCI_Verdict::of( 413 ), 2 );
	same( 'waiting', $shop->table->rows[1]['state'] );
}

function test_told_to_stop_the_shop_sends_nothing_and_forgets_nothing() {
	global $answers, $sent;
	foreach ( array( 401, 410 ) as $status ) {
		forget_everything();
		$shop = shop();
		foreach ( array( 1, 2 ) as $id ) {
			$shop->queue->note( $id, MCI_Message::UPDATED, time() );
		}
		$answers = array( answer( $status ) );
		same( 0, $shop->sender->run() );
		same( 0, $shop->sender->run() );
		same( 1, count( $sent ) );
		same( (string) $status, $shop->store->state( 'stopped' ) );
		same( 2, count( $shop->table->rows ) );
		$shop->store->set_state( array( 'stopped' => '' ) );
		$answers = array( answer( 200 ) );
		same( 2, $shop->sender->run(), 'it goes on where it stopped' );
	}
}

function test_the_body_is_what_the_order_is_when_it_is_sent() {
	$shop = shop();
	$shop->orders->orders[1]['status'] = 'trash';
	unset( $shop->orders->orders[2] );
	$shop->orders->orders[3]['status'] = 'checkout-draft';
	foreach ( array( 1, 2, 3 ) as $id ) {
		$shop->queue->note( $id, MCI_Message::UPDATED, 1795468561 );
	}
	$shop->sender->run();
	same(
		array(
			array( 'topic' => 'order.deleted', 'at' => '2026-11-23T21:16:01Z', 'id' => 1 ),
			array( 'topic' => 'order.deleted', 'at' => '2026-11-23T21:16:01Z', 'id' => 2 ),
		),
		bodies(),
		'trashed, deleted; a draft is nobody\'s business'
	);
	same( array(), $shop->table->rows );
}

function test_a_deletion_that_is_just_happening_is_told_as_one() {
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::DELETED, 1795468561 ); // WooCommerce still has it: the hook comes before.
	$shop->sender->run();
	same( array( 'topic' => 'order.deleted', 'at' => '2026-11-23T21:16:01Z', 'id' => 1 ), bodies()[0] );
}

function test_an_unpaired_shop_sends_nothing() {
	global $sent;
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, time() );
	$shop->store->unpair( 'shop', time() );
	same( 0, $shop->sender->run() );
	same( array(), $sent );
}

function test_a_copy_of_the_shop_sends_nothing_and_a_shop_that_went_to_https_goes_on() {
	global $sent;
	$shop = shop();
	$shop->queue->note( 1, MCI_Message::UPDATED, time() );
	update_option( 'home', 'https://staging.shop.example' );
	same( 0, $shop->sender->run() );
	same( array(), $sent );
	same( false, $shop->store->is_paired() );
	same( true, $shop->store->is_copy() );
	update_option( 'home', 'http://www.shop.example/' );
	same( 1, $shop->sender->run() );
}

function test_each_answer_has_its_verdict() {
	$wanted = array(
		200 => 'taken', 204 => 'taken', 301 => 'again', 400 => 'again', 401 => 'stop', 403 => 'again', 404 => 'again',
		410 => 'stop', 413 => 'give_up', 429 => 'again', 500 => 'again', 503 => 'again', 0 => 'again',
	);
	foreach ( $wanted as $status => $kind ) {
		same( $kind, MCI_Verdict::of( $status )->kind, (string) $status );
	}
	same( 120, MCI_Verdict::of( 503, '120' )->retry_after );
	same( 0, MCI_Verdict::of( 503, 'Wed, 21 Oct 2026 07:28:00 GMT' )->retry_after );
	same( true, MCI_Verdict::of( 0 )->is_away() );
	same( false, MCI_Verdict::of( 400 )->is_away() );
}
